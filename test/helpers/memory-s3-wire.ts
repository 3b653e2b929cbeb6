import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32, encodeCrc32 } from '../../src/bytes/crc32.js';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** An object or a part. */
export interface Stored {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Thrown for what S3 refuses. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

/** Bytes as they are kept. */
export function stored(bytes: Buffer, metadata: Stored['metadata']): Stored {
  return { bytes, metadata, etag: `"${createHash('md5').update(bytes).digest('hex')}"` };
}

/** The answer to a GET or HEAD: a range, or the whole with its CRC-32; on a condition, if one is asked for. */
export function read({ bytes, etag, metadata }: Stored, headers: IncomingHttpHeaders): Answer {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== etag) throw new Refusal(412, 'PreconditionFailed');
  const { range } = headers;
  const body = range === undefined ? bytes : rangeOf(bytes, range);
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      etag,
      'content-length': `${body.length}`,
      ...(range === undefined && { 'x-amz-checksum-crc32': encodeCrc32(crc32(bytes)) }),
      ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    },
    body,
  };
}

/** The bytes of a `Range` header. */
export function rangeOf(bytes: Buffer, range: string): Buffer {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  return bytes.subarray(Number(first), Number(last) + 1);
}

/** The body again, if it has the CRC-32 that came with it. */
export function checked(body: Buffer, headers: IncomingHttpHeaders): Buffer {
  const told = headers['x-amz-checksum-crc32'] ?? encodeCrc32(crc32(body));
  return told === encodeCrc32(crc32(body)) ? body : refuse(400, 'BadDigest');
}

/** The metadata of a request, by their own names. */
export function metadataOf(headers: IncomingHttpHeaders): Stored['metadata'] {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  return Object.fromEntries(own.map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)]));
}

/** The CRC-32 of some bytes, as XML. */
export function sum(bytes: Buffer): string {
  return `<ChecksumCRC32>${encodeCrc32(crc32(bytes))}</ChecksumCRC32>`;
}

/** Text of XML. */
export function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '');
}

/** An answer in XML. */
export function xml(root: string, content: string): Answer {
  return { status: 200, body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${content}</${root}>` };
}

/** @throws Refusal */
export function refuse(status: number, code: string): never {
  throw new Refusal(status, code);
}

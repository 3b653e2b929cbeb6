import type { IncomingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'got';
import { z } from 'zod';
import { readAnswer, type MarketoClient } from './client.js';
import { MarketoError, NETWORK } from './errors.js';
import { networkError, statusError } from './http.js';

const ENDPOINT = 'file';

/** A download on which no byte comes for so long is taken up again: Marketo is known to stop sending and keep the connection. */
const IDLE_SECONDS = 60;

/** An error instead of a file is small; what is longer is none that can be told. */
const MAX_ERROR_BYTES = 64 * 1024;

export interface OpenFileOptions {
  /** Offset of the first byte that is wanted, below `fileSize`. */
  readonly fromByte: number;
  readonly fileSize: number;
  readonly signal?: AbortSignal;
  /** @default 60 */
  readonly idleTimeoutSeconds?: number;
}

export interface ExportFile {
  /** Offset of the first byte of the body: what was asked for, or 0 where Marketo answered with the whole file. */
  readonly startsAt: number;
  /** The stored file's bytes. May end early, even without an error: whoever reads it counts. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Opens an export file at a byte. Content type, `Content-Range`, length and total are checked before a byte is used: an error
 * may come as JSON with status 200.
 *
 * @throws MarketoError; reading the body throws one as well when the connection breaks or stalls
 */
export async function openExportFile(
  client: MarketoClient,
  exportId: string,
  { fromByte, fileSize, signal, idleTimeoutSeconds = IDLE_SECONDS }: OpenFileOptions,
): Promise<ExportFile> {
  return client.withToken(ENDPOINT, signal, async (token, http) => {
    const stream = http.stream(`bulk/v1/leads/export/${encodeURIComponent(exportId)}/file.json`, {
      decompress: false,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'text/csv',
        // Size and checksum are those of the stored file: it must not be encoded on the way.
        'accept-encoding': 'identity',
        ...(fromByte > 0 && { range: `bytes=${fromByte}-` }),
      },
      timeout: { connect: 10_000, secureConnect: 10_000, response: 120_000, socket: idleTimeoutSeconds * 1000 },
      ...(signal && { signal }),
    });
    try {
      const response = await responseOf(stream);
      await refuseErrors(response, stream);
      const startsAt = checkHeaders(response.statusCode, response.headers, fromByte, fileSize);
      return { startsAt, body: bytesOf(stream) };
    } catch (error) {
      stream.destroy();
      throw networkError(error, ENDPOINT);
    }
  });
}

/** First byte, last byte and total of a `Content-Range: bytes 0-9/10`; `undefined` for anything else (RFC 9110, 14.4). */
export function parseContentRange(header: string): { start: number; end: number; total: number } | undefined {
  const [, first, last, all] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header) ?? [];
  if (first === undefined || last === undefined || all === undefined) return undefined;
  const [start, end, total] = [Number(first), Number(last), Number(all)];
  return start <= end && end < total ? { start, end, total } : undefined;
}

function responseOf(stream: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    stream.once('response', resolve);
    stream.once('error', reject);
  });
}

/** Anything but CSV is an error, or must be taken for one. */
async function refuseErrors(response: Response, stream: Request): Promise<void> {
  const { statusCode, headers } = response;
  // Not completed, not known, or gone: plain text with 404 (Adobe: Bulk Extract). 416 is only to be met by a changed file.
  if (statusCode === 404)
    throw new MarketoError('1013', { endpoint: ENDPOINT, detail: 'Marketo does not have the file' });
  const failed = statusError(response, ENDPOINT);
  if (failed) throw failed;
  const contentType = headers['content-type'] ?? '';
  if (/^text\/csv\b/i.test(contentType)) return;
  const body = await shortBody(stream);
  if (/\bjson\b/i.test(contentType) || body.trimStart().startsWith('{')) readAnswer(body, ENDPOINT, z.unknown());
  throw MarketoError.invalidBody(ENDPOINT, `the answer is not text/csv but ${contentType || 'of no type'}`);
}

/** @returns the offset that the body starts at */
function checkHeaders(statusCode: number, headers: IncomingHttpHeaders, fromByte: number, fileSize: number): number {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw MarketoError.invalidBody(ENDPOINT, `the answer is encoded: ${encoding}`);
  let startsAt = 0;
  let endsBefore = fileSize;
  if (statusCode === 206) {
    const range = parseContentRange(headers['content-range'] ?? '');
    if (range?.start !== fromByte || range.total !== fileSize) {
      throw MarketoError.invalidBody(ENDPOINT, 'the Content-Range is not what was asked for');
    }
    startsAt = range.start;
    endsBefore = range.end + 1;
  }
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== endsBefore - startsAt) {
    throw MarketoError.invalidBody(ENDPOINT, `the answer has ${length} bytes where ${endsBefore - startsAt} are due`);
  }
  return startsAt;
}

async function* bytesOf(stream: Request): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const mapped = networkError(error, ENDPOINT);
    throw mapped instanceof MarketoError ? mapped : new MarketoError(NETWORK, { endpoint: ENDPOINT });
  } finally {
    stream.destroy();
  }
}

async function shortBody(stream: Request): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await pipeline(stream, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_ERROR_BYTES) break;
    }
  });
  return Buffer.concat(chunks).toString();
}

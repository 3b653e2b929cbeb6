import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response } from 'got';
import { z } from 'zod';
import { readAnswer, type MarketoClient } from './client.js';
import { MarketoError, NETWORK } from './marketo-errors.js';
import { networkError, statusError } from './http.js';
import { goneIfNotFound, jobPath } from './lead-export.js';

const ENDPOINT = 'file';

/** A download on which no byte comes for so long is taken up again: Marketo is known to stop sending and keep the connection. */
const IDLE_SECONDS = 60;

/** An error instead of a file is small; what is longer is none that can be told. */
const MAX_ERROR_BYTES = 64 * 1024;

export interface OpenFileOptions {
  /** Offset of the first byte that is wanted, below `fileSize`. */
  readonly fromByte: number;
  /** Bytes of the whole file, as the job's status tells them. */
  readonly fileSize: number;
  readonly signal?: AbortSignal;
  /** Longest wait for the answer and for each further byte; the reader's own pauses do not count. @default 60 */
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
 * @throws MarketoError; reading the body throws one as well when the connection breaks or stalls. What an abort throws
 */
export async function openExportFile(
  client: MarketoClient,
  exportId: string,
  { fromByte, fileSize, signal, idleTimeoutSeconds = IDLE_SECONDS }: OpenFileOptions,
): Promise<ExportFile> {
  const path = jobPath(exportId, 'file');
  const idleMilliseconds = idleTimeoutSeconds * 1000;
  return client.withToken(ENDPOINT, signal, async (token, http) => {
    const stream = http.stream(path, {
      decompress: false,
      headers: {
        authorization: `Bearer ${token}`,
        // Not text/csv: the documents of the endpoint name application/json, though it sends CSV.
        accept: '*/*',
        // Size and checksum are those of the stored file: it must not be encoded on the way.
        'accept-encoding': 'identity',
        ...(fromByte > 0 && { range: `bytes=${fromByte}-` }),
      },
      // A file takes as long as it takes, while bytes come: unlike a call it has no limit in all.
      timeout: { response: idleMilliseconds },
      ...(signal && { signal }),
    });
    try {
      const response = await responseOf(stream);
      const body = bytesOf(stream, idleMilliseconds, signal);
      await refuseErrors(response, body);
      return { startsAt: checkHeaders(response.statusCode, response.headers, fromByte, fileSize), body };
    } catch (error) {
      stream.destroy();
      throw goneIfNotFound(networkError(error, ENDPOINT, signal));
    }
  });
}

/** First byte, last byte and total of a `Content-Range: bytes 0-9/10`; `undefined` for anything else (RFC 9110, 14.4). */
export function parseContentRange(header: string): { start: number; end: number; total: number } | undefined {
  const [, first, last, all] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(header) ?? [];
  if (first === undefined || last === undefined || all === undefined) return undefined;
  const [start, end, total] = [Number(first), Number(last), Number(all)];
  return start <= end && end < total ? { start, end, total } : undefined;
}

function responseOf(stream: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    stream.once('response', resolve);
    // Stays on after the response: an error that comes before the body is read must not be an uncaught one. Reading meets it.
    stream.on('error', reject);
  });
}

/** Anything but CSV is an error, or must be taken for one. */
async function refuseErrors(response: Response, body: AsyncIterable<Buffer>): Promise<void> {
  const failed = statusError(response, ENDPOINT);
  if (failed) throw failed;
  const contentType = response.headers['content-type'] ?? '';
  if (/^text\/csv\s*(?:;|$)/i.test(contentType)) return;
  const text = await shortText(body);
  if (/\bjson\b/i.test(contentType) || text.trimStart().startsWith('{')) readAnswer(text, ENDPOINT, z.unknown());
  throw MarketoError.invalidBody(ENDPOINT, `the answer is not text/csv but ${contentType || 'of no type'}`);
}

/** @returns the offset that the body starts at */
function checkHeaders(statusCode: number, headers: IncomingHttpHeaders, fromByte: number, fileSize: number): number {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw MarketoError.invalidBody(ENDPOINT, `the answer is encoded: ${encoding}`);
  }
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
    const detail = `the answer has ${length} bytes where ${endsBefore - startsAt} are due`;
    // A whole file of another length is another file: it may be right the next time, and otherwise the job is.
    if (statusCode === 200) throw new MarketoError('WRONG_LENGTH', { endpoint: ENDPOINT, detail });
    throw MarketoError.invalidBody(ENDPOINT, detail);
  }
  return startsAt;
}

async function* bytesOf(
  stream: Request,
  idleMilliseconds: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, void> {
  const chunks = stream.iterator() as AsyncIterator<Buffer>;
  const stalled = new AbortController();
  const stall = (): void => {
    stalled.abort();
    stream.destroy(new Error('stalled'));
  };
  try {
    for (;;) {
      const timer = setTimeout(stall, idleMilliseconds);
      const chunk = await chunks.next().finally(() => {
        clearTimeout(timer);
      });
      if (chunk.done === true) return;
      yield chunk.value;
    }
  } catch {
    if (signal?.aborted === true) throw signal.reason;
    const detail = stalled.signal.aborted ? `no byte came for ${idleMilliseconds / 1000} s` : 'the answer broke off';
    throw new MarketoError(NETWORK, { endpoint: ENDPOINT, detail });
  } finally {
    stream.destroy();
  }
}

async function shortText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

import { Readable } from 'node:stream';
import type { Request } from 'got';
import { z } from 'zod';
import { readAnswer, type MarketoClient } from './client.js';
import { checkHeaders, endsAt, FILE as ENDPOINT } from './file-headers.js';
import { MarketoError, NETWORK } from './marketo-errors.js';
import { networkError, responseOf, statusError } from './http.js';
import { goneIfNotFound, jobPath } from './lead-export.js';

/** A download on which no byte comes for so long is taken up again: Marketo is known to stop sending and keep the connection. */
const IDLE_SECONDS = 60;

/** An error instead of a file is small; what is longer is none that can be told. */
const MAX_ERROR_BYTES = 64 * 1024;

export interface OpenFileOptions {
  /** Offset of the first byte that is wanted. */
  readonly fromByte: number;
  /** Bytes of the whole file, as the first answer told them: one that tells another total is of another file. */
  readonly totalBytes?: number | undefined;
  readonly signal?: AbortSignal;
  /** Longest wait for the answer and for each further byte; the reader's own pauses do not count. @default 60 */
  readonly idleTimeoutSeconds?: number;
}

export interface ExportFile {
  /** Offset of the first byte of the body: what was asked for, or 0 where Marketo answered with the whole file. */
  readonly startsAt: number;
  /**
   * Bytes of the whole file as this answer tells them, which may differ from the job's `fileSize`: whether the file is right
   * is for its checksum to say. Absent where the answer has no length; the file ends where the body ends then.
   */
  readonly totalBytes?: number;
  /** The stored file's bytes. May end early, even without an error: whoever reads it counts. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Opens an export file at a byte. What is JSON or HTML, by its type or by its first byte, is an error, also with status 200;
 * anything else is the file, whatever its type: Adobe changed it once without a word. `Content-Range`, length and total are
 * checked before a byte is used. Asked for bytes from the very end on, the body is empty.
 *
 * @throws MarketoError; reading the body throws one as well when the connection breaks or stalls. What an abort throws
 */
export async function openExportFile(
  client: MarketoClient,
  exportId: string,
  { fromByte, totalBytes, signal, idleTimeoutSeconds = IDLE_SECONDS }: OpenFileOptions,
): Promise<ExportFile> {
  const path = jobPath(exportId, 'file');
  const idleMilliseconds = idleTimeoutSeconds * 1000;
  return client.withToken(ENDPOINT, signal, async (token, http) => {
    // A connection of its own: a file is worth one, and none that the server has just closed is met.
    const stream = http.fresh.stream(path, {
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
      const { statusCode, headers } = await responseOf(stream);
      if (statusCode === 416 && endsAt(headers, fromByte)) {
        stream.destroy();
        return { startsAt: fromByte, totalBytes: fromByte, body: Readable.from([]) };
      }
      const failed = statusError({ statusCode, headers }, ENDPOINT);
      if (failed) throw failed;
      const read = bytesOf(stream, idleMilliseconds, signal);
      const body = await refuseErrors(headers['content-type'] ?? '', statusCode === 206, read);
      return { ...checkHeaders(statusCode, headers, fromByte, totalBytes), body };
    } catch (error) {
      stream.destroy();
      throw goneIfNotFound(networkError(error, ENDPOINT, signal));
    }
  });
}

/**
 * The body again if it is one of a file.
 *
 * @param isRange true if the body may begin anywhere in the file: its first byte says nothing then
 */
async function refuseErrors(
  contentType: string,
  isRange: boolean,
  body: AsyncGenerator<Buffer, void, void>,
): Promise<AsyncGenerator<Buffer, void, void>> {
  const isJson = /\bjson\b/i.test(contentType);
  const isHtml = /\bx?html\b/i.test(contentType);
  const first = isRange && !isJson && !isHtml ? undefined : await body.next();
  if (!first) return body;
  const beginning = first.done === true ? '' : first.value.subarray(0, 1024).toString().trimStart();
  const whole = startingWith(first, body);
  if (isJson || beginning.startsWith('{')) {
    readAnswer(await shortText(whole), ENDPOINT, z.unknown());
    throw MarketoError.unexpectedShape(ENDPOINT, 'the answer is JSON instead of a file');
  }
  if (isHtml || beginning.startsWith('<'))
    throw MarketoError.invalidBody(ENDPOINT, 'the answer is HTML instead of a file');
  return whole;
}

/** A body of which the first chunk has been read. */
async function* startingWith(
  first: IteratorResult<Buffer, void>,
  rest: AsyncGenerator<Buffer, void, void>,
): AsyncGenerator<Buffer, void, void> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
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

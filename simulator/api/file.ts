import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { failure, sendJson, sendText } from '../answers.js';
import { effectOf, type FaultEffect } from '../effects.js';
import type { ExportFiles } from '../files.js';
import type { Job, Jobs } from '../jobs.js';

/** Sends an export file, whole or in part; 404 in plain text as long as there is none (Adobe: Bulk Extract). */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  job: Job | undefined,
  jobs: Jobs,
  files: ExportFiles,
  effects: readonly FaultEffect[],
): Promise<number> {
  const effect = <K extends FaultEffect['kind']>(kind: K): ReturnType<typeof effectOf<K>> => effectOf(effects, kind);
  if (!job || !jobs.hasFile(job) || effect('file404')) {
    sendText(response, 'The requested file was not found.', 404, 'text/plain;charset=UTF-8');
    return 0;
  }
  const json = effect('jsonInsteadOfFile');
  if (json) {
    sendJson(response, failure(json.code, json.message));
    return 0;
  }
  if (effect('htmlInsteadOfFile')) {
    sendText(response, '<html><body>Please wait</body></html>', 200, 'text/html');
    return 0;
  }
  job.downloads++;
  const bytes = job.facts?.bytes ?? 0;
  const wanted = effect('ignoreRange') ? undefined : request.headers.range;
  const range = readRange(wanted, bytes);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${bytes}` }).end();
    return 0;
  }
  const { start, end } = range ?? { start: 0, end: bytes };
  const short = effect('shortCleanEnd');
  const shift = effect('wrongContentRange') ? 1 : 0;
  const type = effect('contentType');
  response.writeHead(range ? 206 : 200, {
    ...(type?.is !== null && { 'content-type': type?.is ?? 'text/csv;charset=UTF-8' }),
    'accept-ranges': 'bytes',
    ...(range && { 'content-range': `bytes ${start + shift}-${end - 1}/${bytes}` }),
    ...(!short && !effect('noContentLength') && { 'content-length': end - start }),
  });
  const limit = short?.bytes ?? effect('cutAfterBytes')?.bytes ?? effect('stallAfterBytes')?.bytes ?? Infinity;
  const sent = await sendBytes(
    response,
    files,
    job,
    { start, end: Math.min(end, start + limit) },
    effect('flipBit')?.atByte,
    effect('slow')?.bytesPerSecond,
  );
  job.bytesSent += sent;
  if (effect('stallAfterBytes') && sent < end - start) return sent;
  if (effect('cutAfterBytes') && sent < end - start) {
    // What was written must have left before the connection breaks.
    setTimeout(() => response.destroy(), 20);
    return sent;
  }
  response.end();
  return sent;
}

async function sendBytes(
  response: ServerResponse,
  files: ExportFiles,
  job: Job,
  { start, end }: { start: number; end: number },
  flipped: number | undefined,
  bytesPerSecond: number | undefined,
): Promise<number> {
  let offset = 0;
  let sent = 0;
  for (const chunk of files.chunks(job.selection, job.exportsAt ?? 0)) {
    const from = Math.max(start, offset);
    const to = Math.min(end, offset + chunk.length);
    if (from < to) {
      const piece = chunk.subarray(from - offset, to - offset);
      if (flipped !== undefined && flipped >= from && flipped < to)
        piece[flipped - from] = (piece[flipped - from] ?? 0) ^ 1;
      for (const slice of slices(piece, bytesPerSecond)) {
        if (response.destroyed) return sent;
        if (!response.write(slice)) await drained(response);
        sent += slice.length;
        if (bytesPerSecond !== undefined)
          await sleep((slice.length / bytesPerSecond) * 1000, undefined, { ref: false });
      }
    }
    offset += chunk.length;
    if (offset >= end) break;
    if (from >= to) await nextTurn();
  }
  return sent;
}

/** A tenth of a second's bytes each, or the whole at once. */
function slices(piece: Buffer, bytesPerSecond: number | undefined): Buffer[] {
  if (bytesPerSecond === undefined) return [piece];
  const bytes = Math.max(1, Math.round(bytesPerSecond / 10));
  return Array.from({ length: Math.ceil(piece.length / bytes) }, (_, slice) =>
    piece.subarray(slice * bytes, (slice + 1) * bytes),
  );
}

/** Waits until more can be written or nobody reads any more, and leaves no listener behind. */
async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  over.abort();
}

function readRange(
  header: string | undefined,
  bytes: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined) return undefined;
  const start = Number(first);
  const end = last === undefined || last === '' ? bytes : Math.min(Number(last) + 1, bytes);
  return start >= bytes || end <= start ? 'unsatisfiable' : { start, end };
}

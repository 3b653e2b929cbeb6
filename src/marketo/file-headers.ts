import type { IncomingHttpHeaders } from 'node:http';
import { defined } from '../contract/defined.js';
import { MarketoError } from './marketo-errors.js';

/** Name of the endpoint of files. */
export const FILE = 'file';

/** First byte, last byte and total of a `Content-Range: bytes 0-9/10`; `undefined` for anything else (RFC 9110, 14.4). */
export function parseContentRange(header: string): { start: number; end: number; total: number } | undefined {
  const [, first, last, all] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(header) ?? [];
  if (first === undefined || last === undefined || all === undefined) return undefined;
  const [start, end, total] = [Number(first), Number(last), Number(all)];
  return start <= end && end < total ? { start, end, total } : undefined;
}

/** Whether the answer 416 to a range says that the file ends right before it. */
export function endsAt(headers: IncomingHttpHeaders, fromByte: number): boolean {
  return headers['content-range']?.toLowerCase() === `bytes */${fromByte}`;
}

/**
 * Where the body starts in the file, and how long the file is as far as the answer tells.
 *
 * @throws MarketoError where it is not the part of the file that was asked for, or is encoded
 */
export function checkHeaders(
  statusCode: number,
  headers: IncomingHttpHeaders,
  fromByte: number,
  expectedTotal: number | undefined,
): { readonly startsAt: number; readonly totalBytes?: number } {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw MarketoError.invalidBody(FILE, `the answer is encoded: ${encoding}`);
  }
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  if (statusCode === 206) {
    const range = parseContentRange(headers['content-range'] ?? '');
    if (range?.start !== fromByte || range.total !== (expectedTotal ?? range.total)) {
      throw MarketoError.invalidBody(FILE, 'the Content-Range is not what was asked for');
    }
    const due = range.end + 1 - range.start;
    if (length !== undefined && length !== due) {
      throw MarketoError.invalidBody(FILE, `the answer has ${length} bytes where ${due} are due`);
    }
    return { startsAt: range.start, totalBytes: range.total };
  }
  if (length !== undefined && length !== (expectedTotal ?? length)) {
    const detail = `the answer has ${length} bytes where the file had ${expectedTotal ?? length}`;
    throw new MarketoError('WRONG_LENGTH', { endpoint: FILE, detail });
  }
  return { startsAt: 0, ...defined({ totalBytes: length }) };
}

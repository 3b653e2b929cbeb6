import { parse } from 'csv-parse/sync';
import { InvalidHeaderError } from './csv-errors.js';

/** U+FEFF in UTF-8. */
export const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const CRLF = Buffer.from('\r\n');

/** What ends a line outside quotes. */
export type LineEnd = '\n' | '\r\n';

/**
 * Reads the names of a header row with csv-parse.
 *
 * @param bytes the row, with or without byte order mark and line end
 * @throws InvalidHeaderError when it isn't exactly one row of RFC 4180
 */
export function readHeader(bytes: Buffer): string[] {
  let rows: string[][];
  try {
    rows = parse(withoutMark(bytes), { record_delimiter: ['\r\n', '\n'] });
  } catch {
    // The cause quotes the row, which would then be in every log of this error.
    throw new InvalidHeaderError('The header row is not valid CSV');
  }
  const [names] = rows;
  if (names === undefined || rows.length > 1)
    throw new InvalidHeaderError(`Expected one header row, found ${rows.length}`);
  return names;
}

/**
 * Leaves out a UTF-8 byte order mark. (csv-parse's own option would also take a UTF-16 mark, and read the rest as UTF-16.)
 */
export function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? bytes.subarray(BYTE_ORDER_MARK.length)
    : bytes;
}

/** A header row that names the id once. */
export interface IdHeader {
  readonly names: readonly string[];
  /** Place of the column `id` among them. */
  readonly idColumn: number;
  /** Whether a byte order mark stands before it. */
  readonly bom: boolean;
  /** LF when it has none. */
  readonly lineEnd: LineEnd;
}

/**
 * Reads a header row that names the column `id` exactly once.
 *
 * @param bytes the row, with or without byte order mark and line end
 * @throws InvalidHeaderError
 */
export function readIdHeader(bytes: Buffer): IdHeader {
  const names = readHeader(bytes);
  const idColumn = names.indexOf('id');
  if (idColumn < 0) throw new InvalidHeaderError('No column is named id');
  if (names.lastIndexOf('id') !== idColumn) throw new InvalidHeaderError('More than one column is named id');
  return {
    names,
    idColumn,
    bom: withoutMark(bytes) !== bytes,
    lineEnd: lineEndOf(bytes),
  };
}

/** The line end of a header row; LF when it has none. */
export function lineEndOf(header: Buffer): LineEnd {
  return header.subarray(-CRLF.length).equals(CRLF) ? '\r\n' : '\n';
}

/** How a header differs from the fields that were asked for. */
export type ColumnComparison =
  | { outcome: 'same' }
  | { outcome: 'order differs' }
  | { outcome: 'columns differ'; missing: string[]; extra: string[] };

/**
 * Compares a header with the fields that were asked for, by exact name.
 *
 * `missing` are fields without a column, `extra` columns without a field, both in their own order and with repetitions: a
 * name that the header has twice and `fields` once is extra once.
 */
export function sameColumns(header: readonly string[], fields: readonly string[]): ColumnComparison {
  const missing = without(fields, header);
  const extra = without(header, fields);
  if (missing.length > 0 || extra.length > 0) return { outcome: 'columns differ', missing, extra };
  return header.every((name, index) => name === fields[index]) ? { outcome: 'same' } : { outcome: 'order differs' };
}

function without(names: readonly string[], taken: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of taken) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.filter((name) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count - 1);
    return count <= 0;
  });
}

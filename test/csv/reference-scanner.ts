import type { Quoting } from '../../src/csv/record-scanner.js';

/** What `RecordScanner` should say about a file, or which of its errors it should throw. */
export type Reading =
  | { error: 'InvalidHeaderError' }
  | { error: 'InvalidIdError'; recordNumber: number }
  | {
      header: string;
      records: { id: bigint; endOffset: number }[];
      endsWithNewline: boolean;
      endsInsideQuotes: boolean;
    };

interface Line {
  /** Raw fields, quotes included. */
  fields: string[];
  /** Offset after the line end. */
  end: number;
  hasLineEnd: boolean;
  openQuotes: boolean;
}

const MARK = '\u00ef\u00bb\u00bf';

/**
 * Reads a whole file the slow and obvious way: as latin-1 text, one field after another by looking ahead. The names in the
 * header are compared as they stand, so that headers must be free of escaped quotes.
 */
export function readSlowly(bytes: Buffer, quoting: Quoting): Reading {
  const text = bytes.toString('latin1');
  const mark = text.startsWith(MARK) ? MARK.length : 0;
  const lines: Line[] = [];
  for (let at = mark; at < text.length; at = lines.at(-1)?.end ?? text.length) lines.push(readLine(text, at, quoting));
  if (text === MARK) return { error: 'InvalidHeaderError' };

  const [header, ...rest] = lines;
  if (header === undefined) return { header: '', records: [], endsWithNewline: true, endsInsideQuotes: false };
  const names = header.fields.map(unquoted);
  const idColumn = names.indexOf('id');
  if (names.filter((name) => name === 'id').length !== 1) return { error: 'InvalidHeaderError' };

  const records: { id: bigint; endOffset: number }[] = [];
  for (const line of rest) {
    const isEmpty = line.hasLineEnd && line.fields.length === 1 && line.fields[0] === '';
    if (isEmpty && names.length > 1) continue;
    const id = line.fields[idColumn] ?? '';
    const valid = /^(?:[0-9]+|"[0-9]+")$/.test(id) && BigInt(unquoted(id)) <= BigInt(Number.MAX_SAFE_INTEGER);
    if (!valid) return { error: 'InvalidIdError', recordNumber: records.length + 1 };
    records.push({ id: BigInt(unquoted(id)), endOffset: line.end });
  }
  const last = lines.at(-1) ?? header;
  return {
    header: text.slice(0, header.end),
    records,
    endsWithNewline: last.hasLineEnd,
    endsInsideQuotes: last.openQuotes,
  };
}

function readLine(text: string, start: number, quoting: Quoting): Line {
  const fields: string[] = [];
  for (let at = start; ;) {
    const { end, openQuotes } = readField(text, at, quoting);
    fields.push(text.slice(at, end));
    if (text[end] !== ',') {
      const lineEnd = lineEndAt(text, end);
      return { fields, end: end + lineEnd, hasLineEnd: lineEnd > 0, openQuotes };
    }
    at = end + 1;
  }
}

/** The offset of the delimiter, line end or end of file after the field. */
function readField(text: string, start: number, quoting: Quoting): { end: number; openQuotes: boolean } {
  let at = start;
  if (text[at] === '"') {
    for (at++; !(text[at] === '"' && text[at + 1] !== '"' && (quoting === 'strict' || endsField(text, at + 1)));) {
      if (at >= text.length) return { end: text.length, openQuotes: true };
      at += text.startsWith('""', at) ? 2 : 1;
    }
    at++;
  }
  while (!endsField(text, at)) at++;
  return { end: at, openQuotes: false };
}

function endsField(text: string, at: number): boolean {
  return at >= text.length || text[at] === ',' || lineEndAt(text, at) > 0;
}

function lineEndAt(text: string, at: number): number {
  if (text[at] === '\n') return 1;
  return text.startsWith('\r\n', at) ? 2 : 0;
}

function unquoted(field: string): string {
  return field.length > 1 && field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1) : field;
}

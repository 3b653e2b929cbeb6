import type { QuoteRule } from '../../src/csv/quote-rule.js';
import type { OtherColumns } from '../../src/csv/scan-summary.js';

/** What `RecordScanner` should say about a file, or which of its errors it should throw. */
export type Reading =
  | { error: 'InvalidHeaderError' }
  | { error: 'InvalidIdError'; recordNumber: number }
  | {
      header: string;
      bom: boolean;
      lineEnd: string;
      columnNames: string[];
      records: RecordReading[];
      /** Offsets after empty lines. */
      emptyLines: number[];
      otherColumns: OtherColumns;
      endsWithNewline: boolean;
      endsInsideQuotes: boolean;
    };

export interface RecordReading {
  id: bigint;
  endOffset: number;
  isReadable: boolean;
}

interface Line {
  /** Raw fields, quotes included. */
  fields: string[];
  /** Offset after the line end. */
  end: number;
  lineEnd: '' | '\n' | '\r\n';
  openQuotes: boolean;
}

const MARK = '\u00ef\u00bb\u00bf';

/**
 * Reads a whole file the slow and obvious way: as latin-1 text, one field after another by looking ahead. The names in the
 * header are compared as they stand, so that headers must be free of escaped quotes.
 */
export function readSlowly(bytes: Buffer, quoteRule: QuoteRule): Reading {
  const text = bytes.toString('latin1');
  const mark = text.startsWith(MARK) ? MARK.length : 0;
  const lines: Line[] = [];
  for (let at = mark; at < text.length; at = lines.at(-1)?.end ?? text.length)
    lines.push(readLine(text, at, lines.length === 0 ? 'tolerant' : quoteRule));
  if (text === MARK) return { error: 'InvalidHeaderError' };

  const [header, ...rest] = lines;
  if (header === undefined) return EMPTY_FILE;
  const columnNames = header.fields.map(unquoted);
  const idColumn = columnNames.indexOf('id');
  if (columnNames.filter((name) => name === 'id').length !== 1) return { error: 'InvalidHeaderError' };

  const lineEnd = header.lineEnd === '' ? '\n' : header.lineEnd;
  const records: RecordReading[] = [];
  const emptyLines: number[] = [];
  const otherColumns: OtherColumns = { records: 0, difference: 0, first: undefined };
  for (const line of rest) {
    if (line.lineEnd !== '' && line.fields.length === 1 && line.fields[0] === '') {
      emptyLines.push(line.end);
      continue;
    }
    const id = line.fields[idColumn] ?? '';
    const valid = /^(?:[0-9]+|"[0-9]+")$/.test(id) && BigInt(unquoted(id)) <= BigInt(Number.MAX_SAFE_INTEGER);
    if (!valid) return { error: 'InvalidIdError', recordNumber: records.length + 1 };
    const isReadable = line.fields.every(isByTheRules) && (line.lineEnd === '' || line.lineEnd === lineEnd);
    records.push({ id: BigInt(unquoted(id)), endOffset: line.end, isReadable });
    if (line.fields.length !== columnNames.length) {
      otherColumns.records++;
      otherColumns.difference += Math.abs(line.fields.length - columnNames.length);
      otherColumns.first ??= { recordNumber: records.length, columns: line.fields.length };
    }
  }
  const last = lines.at(-1) ?? header;
  return {
    header: text.slice(0, header.end),
    bom: mark > 0,
    lineEnd,
    columnNames,
    records,
    emptyLines,
    otherColumns,
    endsWithNewline: last.lineEnd !== '',
    endsInsideQuotes: last.openQuotes,
  };
}

const EMPTY_FILE: Reading = {
  header: '',
  bom: false,
  lineEnd: '\n',
  columnNames: [],
  records: [],
  emptyLines: [],
  otherColumns: { records: 0, difference: 0, first: undefined },
  endsWithNewline: true,
  endsInsideQuotes: false,
};

/** The values of a file's records as latin-1 text; the file must be readable and not end inside quotes. */
export function valuesSlowly(bytes: Buffer, quoteRule: QuoteRule): string[][] {
  const text = bytes.toString('latin1');
  const values: string[][] = [];
  for (let at = text.startsWith(MARK) ? MARK.length : 0; at < text.length;) {
    const line = readLine(text, at, values.length === 0 ? 'tolerant' : quoteRule);
    at = line.end;
    if (line.fields.length > 1 || line.fields[0] !== '')
      values.push(line.fields.map((raw) => valueSlowly(raw, quoteRule)));
  }
  return values.slice(1);
}

/** Character by character; two quotes inside quotes are one. */
function valueSlowly(raw: string, quoteRule: QuoteRule): string {
  if (!raw.startsWith('"')) return raw;
  let value = '';
  for (let at = 1; at < raw.length; at++) {
    if (raw[at] !== '"') value += raw[at] ?? '';
    else if (at === raw.length - 1) break;
    else if (raw[at + 1] === '"' && (quoteRule === 'strict' || at + 1 < raw.length - 1)) value += raw[at++] ?? '';
    else if (quoteRule === 'strict') return value + raw.slice(at + 1);
    else value += '"';
  }
  return value;
}

/** Whether a raw field is one of RFC 4180. */
function isByTheRules(raw: string): boolean {
  return /^(?:[^"\r]*|"(?:[^"]|"")*")$/.test(raw);
}

function readLine(text: string, start: number, quoteRule: QuoteRule): Line {
  const fields: string[] = [];
  for (let at = start; ;) {
    const { end, openQuotes } = readField(text, at, quoteRule);
    fields.push(text.slice(at, end));
    if (text[end] !== ',') {
      const lineEnd = lineEndAt(text, end);
      return { fields, end: end + lineEnd.length, lineEnd, openQuotes };
    }
    at = end + 1;
  }
}

/** The offset of the delimiter, line end or end of file after the field. */
function readField(text: string, start: number, quoteRule: QuoteRule): { end: number; openQuotes: boolean } {
  let at = start;
  if (text[at] === '"') {
    for (at++; !closesField(text, at, quoteRule);) {
      if (at >= text.length) return { end: text.length, openQuotes: true };
      at += text.startsWith('""', at) && quoteRule !== 'closing' ? 2 : 1;
    }
    at++;
  }
  while (!endsField(text, at)) at++;
  return { end: at, openQuotes: false };
}

function closesField(text: string, at: number, quoteRule: QuoteRule): boolean {
  if (text[at] !== '"') return false;
  if (quoteRule === 'closing') return endsField(text, at + 1);
  return text[at + 1] !== '"' && (quoteRule === 'strict' || endsField(text, at + 1));
}

function endsField(text: string, at: number): boolean {
  return at >= text.length || text[at] === ',' || lineEndAt(text, at) !== '';
}

function lineEndAt(text: string, at: number): '' | '\n' | '\r\n' {
  if (text[at] === '\n') return '\n';
  return text.startsWith('\r\n', at) ? '\r\n' : '';
}

function unquoted(field: string): string {
  return field.length > 1 && field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1) : field;
}

import { FieldScanner } from './field-scanner.js';
import type { LineEnd } from './header.js';
import type { QuoteRule } from './quote-rule.js';

/** A field as it stands in a record, and its value; bytes as latin-1 characters. */
export interface Field {
  /** With its quotes, without delimiter and line end. */
  readonly raw: string;
  readonly value: string;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * The fields of one record.
 *
 * @param record its bytes, with or without line end; a quoted field must be closed
 */
export function fieldsOf(record: Buffer, quoteRule: QuoteRule): Field[] {
  const scanner = new FieldScanner({ quoteRule });
  const fields: Field[] = [];
  const bytes = record.length - lineEndBytes(record);
  scanner.startChunk(record);
  for (let start = 0; start <= bytes;) {
    const end = start === bytes ? bytes : Math.min(scanner.findFieldEnd(record, start), bytes);
    const raw = record.toString('latin1', start, end);
    fields.push({ raw, value: valueOf(raw, quoteRule) });
    scanner.startField();
    start = end + 1;
  }
  return fields;
}

/**
 * A record by the rules of RFC 4180: fields that are not written by them are quoted anew, the others stay as they are. An
 * unquoted `null` stays unquoted, a quoted one quoted.
 *
 * @param record its bytes; its line end, if it has one, becomes `lineEnd`
 */
export function mendedRecord(record: Buffer, quoteRule: QuoteRule, lineEnd: LineEnd): Buffer {
  const fields = fieldsOf(record, quoteRule).map(({ raw, value }) => (isReadable(raw) ? raw : quoted(value)));
  return Buffer.from(fields.join(',') + (lineEndBytes(record) > 0 ? lineEnd : ''), 'latin1');
}

/** A line with another line end, if it has one. */
export function withLineEnd(line: Buffer, lineEnd: LineEnd): Buffer {
  const bytes = lineEndBytes(line);
  return bytes === 0 ? line : Buffer.concat([line.subarray(0, line.length - bytes), Buffer.from(lineEnd)]);
}

/** Whether every reader of RFC 4180 takes a field for the same value. */
function isReadable(raw: string): boolean {
  if (!raw.startsWith('"')) return !/["\r]/.test(raw);
  return raw.length > 1 && raw.endsWith('"') && !raw.slice(1, -1).replaceAll('""', '').includes('"');
}

function quoted(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

function valueOf(raw: string, quoteRule: QuoteRule): string {
  if (!raw.startsWith('"')) return raw;
  if (quoteRule !== 'strict') return unescaped(raw.slice(1, -1));
  const close = strictClose(raw);
  return unescaped(raw.slice(1, close)) + raw.slice(close + 1);
}

/** Quotes are paired from the left; one that is left over stands for itself. */
function unescaped(content: string): string {
  return content.replaceAll(/""?/g, '"');
}

/** The position of the first quote that isn't doubled. */
function strictClose(raw: string): number {
  for (let quote = raw.indexOf('"', 1); quote >= 0; quote = raw.indexOf('"', quote + 2)) {
    if (raw[quote + 1] !== '"') return quote;
  }
  return raw.length;
}

function lineEndBytes(record: Buffer): number {
  if (record.at(-1) !== LF) return 0;
  return record.at(-2) === CR ? 2 : 1;
}

import { parse } from 'csv-parse/sync';
import { withoutMark } from './header.js';
import type { QuoteRule } from './quote-rule.js';
import { fieldsOf } from './record-fields.js';
import { RecordScanner } from './record-scanner.js';

const NUL = 0x00;
const OTHER_CONTROL = 0x01;

/** What csv-parse says to the records that the scanner found; carries no content. Record numbers start at 1. */
export type FirstRecordsCheck =
  /** Both see the same records, ids and values. */
  | { outcome: 'agree'; records: number }
  /** csv-parse refuses the sample: it has stray quotes, which only the scanner can read. Not an error. */
  | { outcome: 'unreadable' }
  | { outcome: 'record counts differ'; scanned: number; parsed: number }
  | { outcome: 'id differs'; recordNumber: number }
  | { outcome: 'values differ'; recordNumber: number };

/**
 * Reads the complete records of a sample twice, with the scanner and with csv-parse, and compares what they see. How many
 * columns a record should have is no question here.
 *
 * @param sample the first bytes of a file, its header included; a last line without its end is left out
 * @param quoteRule how the scanner reads it; csv-parse refuses what could be read either way
 * @throws InvalidHeaderError, InvalidIdError
 */
export function checkFirstRecords(sample: Buffer, quoteRule: QuoteRule = 'tolerant'): FirstRecordsCheck {
  // After a quote, csv-parse takes a NUL for the end of the input; another control character is data to both.
  const bytes = Buffer.from(sample.map((byte) => (byte === NUL ? OTHER_CONTROL : byte)));
  const records: { id: number; start: number; end: number }[] = [];
  let end = 0;
  const scanner = new RecordScanner({
    quoteRule,
    onHeader: (header) => {
      end = header.length;
    },
    onRecord: (idHigh, idLow, endOffset) => {
      records.push({ id: idHigh * 2 ** 32 + idLow, start: end, end: endOffset });
      end = endOffset;
    },
    onEmptyLine: (endOffset) => {
      end = endOffset;
    },
  });
  scanner.push(bytes);

  const rows = rowsOf(bytes.subarray(0, end));
  if (rows === undefined) return { outcome: 'unreadable' };
  const [header = [], ...parsed] = rows;
  if (parsed.length !== records.length) {
    return { outcome: 'record counts differ', scanned: records.length, parsed: parsed.length };
  }
  const idColumn = header.indexOf('id');
  for (const [index, { id, start, end: recordEnd }] of records.entries()) {
    const recordNumber = index + 1;
    const values = parsed[index] ?? [];
    if (Number(values[idColumn]) !== id) return { outcome: 'id differs', recordNumber };
    const fields = fieldsOf(bytes.subarray(start, recordEnd), quoteRule);
    if (fields.length !== values.length || fields.some(({ value }, column) => value !== values[column])) {
      return { outcome: 'values differ', recordNumber };
    }
  }
  return { outcome: 'agree', records: records.length };
}

/** Latin-1 characters; undefined when csv-parse refuses. Its relaxed quotes would guess differently from the scanner, so they stay off. */
function rowsOf(bytes: Buffer): string[][] | undefined {
  try {
    return parse(withoutMark(bytes), {
      encoding: 'latin1',
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    });
  } catch {
    return undefined;
  }
}

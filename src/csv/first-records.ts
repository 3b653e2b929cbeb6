import { parse } from 'csv-parse/sync';
import { withoutMark } from './header.js';
import { RecordScanner, type Quoting } from './record-scanner.js';

/** What csv-parse says to the records that the scanner found; carries no content. Record numbers start at 1. */
export type FirstRecordsCheck =
  /** Both see the same records and ids, each with the expected number of columns. */
  | { outcome: 'agree'; records: number }
  /** csv-parse refuses the sample: it has stray quotes, which only the scanner can read. Not an error. */
  | { outcome: 'unreadable' }
  | { outcome: 'record counts differ'; scanned: number; parsed: number }
  | { outcome: 'column count differs'; recordNumber: number; columns: number }
  | { outcome: 'id differs'; recordNumber: number };

/**
 * Reads the complete records of a sample twice, with the scanner and with csv-parse, and compares what they see.
 *
 * @param sample the first bytes of a file, its header included; a last line without its end is left out
 * @param expectedColumns the number of columns that each record must have
 * @param quoting how the scanner reads it; csv-parse refuses what could be read either way
 * @throws InvalidHeaderError, InvalidIdError
 */
export function checkFirstRecords(
  sample: Buffer,
  expectedColumns: number,
  quoting: Quoting = 'tolerant',
): FirstRecordsCheck {
  const ids: number[] = [];
  let end = 0;
  const scanner = new RecordScanner({
    quoting,
    onHeader: (header) => {
      end = header.length;
    },
    onRecord: (idHigh, idLow, endOffset) => {
      ids.push(idHigh * 2 ** 32 + idLow);
      end = endOffset;
    },
  });
  scanner.push(sample);

  const rows = rowsOf(sample.subarray(0, end));
  if (rows === undefined) return { outcome: 'unreadable' };
  const [header = [], ...records] = rows;
  if (records.length !== ids.length) {
    return { outcome: 'record counts differ', scanned: ids.length, parsed: records.length };
  }
  const idColumn = header.indexOf('id');
  for (const [index, record] of records.entries()) {
    const recordNumber = index + 1;
    if (record.length !== expectedColumns) {
      return { outcome: 'column count differs', recordNumber, columns: record.length };
    }
    if (Number(record[idColumn]) !== ids[index]) return { outcome: 'id differs', recordNumber };
  }
  return { outcome: 'agree', records: ids.length };
}

/**
 * Undefined when csv-parse refuses. Its relaxed quotes would guess differently from the scanner, so they stay off. It takes a
 * NUL after a quote for the end of the input, so each NUL is replaced by another control character: data to both.
 */
function rowsOf(bytes: Buffer): string[][] | undefined {
  try {
    return parse(withoutMark(Buffer.from(bytes.map((byte) => (byte === 0 ? 1 : byte)))), {
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    });
  } catch {
    return undefined;
  }
}

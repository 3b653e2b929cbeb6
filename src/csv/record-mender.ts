import { lineEndOf, withoutMark } from './header.js';
import { LineSelection, selectedBytes } from './line-selection.js';
import type { QuoteRule } from './quote-rule.js';
import { mendedRecord } from './record-fields.js';
import { RecordScanner } from './record-scanner.js';

export interface MendOptions {
  /** Whether the header row is part of what comes out. */
  header: 'keep' | 'drop';
  /** How the source's quotes are read. @default 'tolerant' */
  quoteRule?: QuoteRule;
  /** Called once per record, in order, with the two halves of its id. Unless given, all records are kept. */
  keep?: (idHigh: number, idLow: number) => boolean;
}

export interface MendedRecords {
  /** The kept records. Some are slices of the source's chunks: use each before asking for the next if the source reuses its memory. */
  bytes: AsyncGenerator<Buffer, void, undefined>;
  /** Records so far; final once `bytes` is at its end. The header isn't counted, and `mended` ones are kept ones. */
  counts: { kept: number; dropped: number; mended: number };
}

/**
 * Makes a CSV file readable for every reader of RFC 4180, as csv-parse, Python's `csv` and DuckDB are by default. A record
 * is written anew if a reader would refuse it or take it for something else:
 * - an unquoted field has a quote or a CR in it: `5" pipe`;
 * - a quoted field has quotes in it that aren't doubled, or something after the quote that closes it: `"first"Name1"`;
 * - its line end isn't the header's: some readers look for the first one only.
 *
 * Only such fields are quoted anew, with the value that the scanner reads; the record gets the header's line end. All other
 * records come byte for byte. Empty lines and a byte order mark are left out. A last line without its end gets the
 * header's. Records with another number of columns than the header stay as they are: nobody knows what belongs where.
 *
 * Memory: what a record has in earlier chunks is held until it ends.
 *
 * @param source a whole file with its header, in chunks of any size
 * @throws InvalidHeaderError, InvalidIdError while `bytes` is read; Error at the end if the file ends inside quotes, where no
 *   one knows what the last record is
 */
export function mendRecords(source: AsyncIterable<Buffer>, options: MendOptions): MendedRecords {
  const counts = { kept: 0, dropped: 0, mended: 0 };
  return { bytes: mendedBytes(source, options, counts), counts };
}

function mendedBytes(
  source: AsyncIterable<Buffer>,
  { header: headerRow, quoteRule = 'tolerant', keep = () => true }: MendOptions,
  counts: MendedRecords['counts'],
): AsyncGenerator<Buffer, void, undefined> {
  const selection = new LineSelection();
  let headerLineEnd: '\n' | '\r\n' = '\n';
  let kept = false;
  const scanner = new RecordScanner({
    quoteRule,
    findUnreadable: true,
    onHeader: (header) => {
      headerLineEnd = lineEndOf(header);
      if (headerRow === 'keep') selection.replace(withoutMark(header));
      selection.endLine(header.length);
    },
    onId: (idHigh, idLow) => {
      kept = keep(idHigh, idLow);
      if (!kept) selection.decide(false);
    },
    onRecord: (_idHigh, _idLow, endOffset, isReadable) => {
      if (!kept) {
        counts.dropped++;
      } else {
        counts.kept++;
        if (isReadable) {
          selection.decide(true);
        } else {
          selection.replace(mendedRecord(selection.copyLine(endOffset), quoteRule, headerLineEnd));
          counts.mended++;
        }
      }
      selection.endLine(endOffset);
    },
    onEmptyLine: (endOffset) => {
      selection.decide(false);
      selection.endLine(endOffset);
    },
  });
  return selectedBytes(source, scanner, selection, ({ endsInsideQuotes }) => {
    if (endsInsideQuotes) throw new Error('The file ends inside a quoted field');
  });
}

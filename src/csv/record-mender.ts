import { lineEndOf, withoutMark, type LineEnd } from './header.js';
import { LineSelection, selectedBytes } from './line-selection.js';
import type { QuoteRule } from './quote-rule.js';
import { mendedRecord, withLineEnd } from './record-fields.js';
import { RecordScanner, type ScanSummary } from './record-scanner.js';

export interface MendOptions {
  /** Whether the header row is part of what comes out. */
  header: 'keep' | 'drop';
  /** How the source's quotes are read. @default 'tolerant' */
  quoteRule?: QuoteRule;
  /** What every line will end with. @default what the header ends with */
  lineEnd?: LineEnd;
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
 * records come byte for byte, but for their line end where another was asked for: that does not count as mended. Empty lines
 * and a byte order mark are left out. A last line without its end gets one. A record with another number of columns than the
 * header keeps its columns: nobody knows what belongs where.
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
  { header: headerRow, quoteRule = 'tolerant', lineEnd: given, keep = () => true }: MendOptions,
  counts: MendedRecords['counts'],
): AsyncGenerator<Buffer, void, undefined> {
  const selection = new LineSelection();
  let lineEnd: LineEnd = '\n';
  let changesLineEnds = false;
  let kept = false;
  const scanner = new RecordScanner({
    quoteRule,
    findUnreadable: true,
    onHeader: (header) => {
      lineEnd = given ?? lineEndOf(header);
      changesLineEnds = lineEnd !== lineEndOf(header);
      if (headerRow === 'keep') selection.replace(withLineEnd(withoutMark(header), lineEnd));
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
        if (!isReadable) {
          selection.replace(mendedRecord(selection.copyLine(endOffset), quoteRule, lineEnd));
          counts.mended++;
        } else if (changesLineEnds) {
          selection.replace(withLineEnd(selection.copyLine(endOffset), lineEnd));
        } else {
          selection.decide(true);
        }
      }
      selection.endLine(endOffset);
    },
    onEmptyLine: (endOffset) => {
      selection.decide(false);
      selection.endLine(endOffset);
    },
  });
  const check = ({ endsInsideQuotes }: ScanSummary): void => {
    if (endsInsideQuotes) throw new Error('The file ends inside a quoted field');
  };
  return selectedBytes(source, scanner, selection, { check, lineEnd: given });
}

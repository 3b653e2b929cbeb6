import { defined } from '../contract/defined.js';
import { withoutMark } from './header.js';
import { LineSelection, selectedBytes } from './line-selection.js';
import type { QuoteRule } from './quote-rule.js';
import { RecordScanner } from './record-scanner.js';

export interface FilterOptions {
  /** Whether the header row is part of what comes out. */
  header: 'keep' | 'drop';
  /** @default 'tolerant' */
  quoteRule?: QuoteRule;
}

export interface FilteredRecords {
  /** The kept records. Slices of the source's chunks: use each before asking for the next if the source reuses its memory. */
  bytes: AsyncGenerator<Buffer, void, undefined>;
  /** Records decided on so far; final once `bytes` is at its end. The header isn't counted. */
  counts: { kept: number; dropped: number };
}

/**
 * Takes the records that `keep` says yes to out of a CSV file, byte for byte and in order. Empty lines and a byte order mark
 * are left out. A last line without its end gets the header's.
 *
 * Memory stays flat: each record is decided on as soon as its id is known, so only the columns before the id and a cut-off
 * id are ever held back, however long the record is. Kept records that lie side by side in a chunk come as one slice.
 *
 * @param source a whole file with its header, in chunks of any size
 * @param keep called once per record, in order, with the two halves of its id (see `RecordScanner`)
 * @throws InvalidHeaderError, InvalidIdError while `bytes` is read
 */
export function filterRecords(
  source: AsyncIterable<Buffer>,
  keep: (idHigh: number, idLow: number) => boolean,
  options: FilterOptions,
): FilteredRecords {
  const counts = { kept: 0, dropped: 0 };
  return { bytes: filteredBytes(source, keep, options, counts), counts };
}

function filteredBytes(
  source: AsyncIterable<Buffer>,
  keep: (idHigh: number, idLow: number) => boolean,
  options: FilterOptions,
  counts: FilteredRecords['counts'],
): AsyncGenerator<Buffer, void, undefined> {
  const selection = new LineSelection();
  const scanner = new RecordScanner({
    ...defined({ quoteRule: options.quoteRule }),
    onHeader: (header) => {
      if (options.header === 'keep') selection.replace(withoutMark(header));
      selection.endLine(header.length);
    },
    onId: (idHigh, idLow) => {
      const kept = keep(idHigh, idLow);
      if (kept) counts.kept++;
      else counts.dropped++;
      selection.decide(kept);
    },
    onRecord: (_idHigh, _idLow, endOffset) => {
      selection.endLine(endOffset);
    },
    onEmptyLine: (endOffset) => {
      selection.decide(false);
      selection.endLine(endOffset);
    },
  });
  return selectedBytes(source, scanner, selection);
}

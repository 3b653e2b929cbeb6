import type { QuoteRule } from './quote-rule.js';

/** An id comes in two unsigned halves: it is `idHigh` · 2^32 + `idLow`. Offsets are in bytes from the start of the file. */
export interface RecordScannerOptions {
  /**
   * Called once per record, in order.
   *
   * @param endOffset just after its line end, or the end of the file
   * @param isReadable whether a reader of RFC 4180 reads it as the scanner does: its fields are written by the rules, and it
   *   has the header's line end; only known with `findUnreadable`
   */
  onRecord: (idHigh: number, idLow: number, endOffset: number, isReadable: boolean) => void;
  /** Called once, before any record, with the header's raw bytes, byte order mark and line end included. Not called for an empty file. */
  onHeader?: (header: Buffer) => void;
  /** Called once per record before its `onRecord`, as soon as the id is known: a long record may go on for many chunks. */
  onId?: (idHigh: number, idLow: number) => void;
  /** Called for each line of nothing but its line end, in order with the records; `endOffset` is just after it. */
  onEmptyLine?: (endOffset: number) => void;
  /** @default 'tolerant' */
  quoteRule?: QuoteRule;
  /** Whether to find records that readers of RFC 4180 can't read. Costs a tenth of the scanner's speed. @default false */
  findUnreadable?: boolean;
  /** Whether to find records with another number of columns than the header. Costs two fifths of the scanner's speed. @default false */
  countColumns?: boolean;
}

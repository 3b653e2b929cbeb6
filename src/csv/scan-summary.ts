import type { LineEnd } from './header.js';

/** What a whole file was. */
export interface ScanSummary {
  /** Records, the header not counted. */
  records: number;
  /** Length of the file. */
  bytes: number;
  /** Where what follows the header begins: the header's length with its line end and byte order mark. */
  headerBytes: number;
  /** The header's raw bytes with its line end and byte order mark (see `withoutMark`); empty for an empty file. */
  header: Buffer;
  /** Whether the file begins with a UTF-8 byte order mark. */
  bom: boolean;
  /** The names in the header, without quotes and byte order mark; empty for an empty file. */
  columnNames: readonly string[];
  /** The header's line end; LF when it has none. */
  lineEnd: LineEnd;
  /** False when the last line, header or record, lacks its line end. True for an empty file. */
  endsWithNewline: boolean;
  /** True when the file ends inside a quoted field that was never closed: what is appended would become data of that field. */
  endsInsideQuotes: boolean;
  /** Lines of nothing but their line end. They are no records, and have no place in what is copied. */
  emptyLines: number;
  /**
   * Records that a reader of RFC 4180 could not read, or would read otherwise: those that `mendRecords` writes anew.
   * Undefined if they were not to be found.
   */
  unreadableRecords: number | undefined;
  /** Records with another number of columns than the header; undefined if columns were not to be counted. */
  otherColumns: OtherColumns | undefined;
}

/** Records that have another number of columns than the header. */
export interface OtherColumns {
  records: number;
  /** Columns that they have too many or too few, added up. */
  difference: number;
  /** The first of them; its number is 1 for the first record after the header. Undefined if there is none. */
  first: { recordNumber: number; columns: number } | undefined;
}

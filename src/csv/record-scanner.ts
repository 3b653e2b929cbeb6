import { InvalidHeaderError, InvalidIdError } from './csv-errors.js';
import { FieldScanner } from './field-scanner.js';
import { BYTE_ORDER_MARK, readIdHeader, type IdHeader } from './header.js';
import { IdField } from './id-field.js';
import type { QuoteRule } from './quote-rule.js';
import type { RecordScannerOptions } from './scan-options.js';
import type { OtherColumns, ScanSummary } from './scan-summary.js';

export type { QuoteRule, RecordScannerOptions, ScanSummary };

const LF = 0x0a;
const CR = 0x0d;
const COMMA = 0x2c;
const ZERO = 0x30;

const TWO_TO_32 = 0x1_0000_0000;
/** Any number of so many digits is below 2^53. */
const SAFE_DIGITS = 15;
/** A header is held in memory. Far above any real one, and far below what a file without any line end could take. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/**
 * Finds the end and the id of each record in a CSV file without decoding or copying it, in time linear in the bytes,
 * whatever the chunk borders.
 *
 * The delimiter is `,`; LF or CRLF outside quotes ends a line (a lone CR is data); a field is quoted only if its first byte
 * is `"`. A byte order mark before the header belongs to the header's bytes, not to its first name. Everything else (NUL,
 * U+2028, invalid UTF-8) is data. The last record may lack its line end. An empty file and one of only a header have 0
 * records.
 *
 * A line of nothing but its line end is not a record, wherever it stands. In a file with just one column that could also be
 * a record of one empty field; but that column is the id, which is never empty. A line of spaces, or of `""`, is a record
 * without a valid id. The header must be the first line. Records may have more or fewer columns than the header.
 *
 * The id is the column that the header names exactly `id`: digits, optionally quoted, at most 2^53 − 1; `007` is 7.
 * After an error the scanner can't be used any more.
 */
export class RecordScanner {
  private readonly options: RecordScannerOptions;
  /** The header is read by csv-parse, so its end is sought by the rules that both know. */
  private fields = new FieldScanner({ quoteRule: 'tolerant' });

  private headerPieces: Buffer[] = [];
  private headerBytes = Buffer.alloc(0);
  private header: IdHeader = { names: [], idColumn: -1, bom: false, lineEnd: '\n' };
  /** −1 until the header has been read. */
  private idColumn = -1;
  private columns = 0;
  private endsWithCrlf = false;

  /** The column that the next byte belongs to; only followed up to and just after the id. */
  private column = 0;
  private readonly idField = new IdField();
  private idHigh = 0;
  private idLow = 0;

  private records = 0;
  private emptyLines = 0;
  /** Undefined, as the next one, when it isn't to be found. */
  private unreadableRecords: number | undefined;
  private readonly otherColumns: OtherColumns | undefined;
  /** Offset of the current chunk in the file. */
  private offset = 0;
  /** Offset of the current line in the file. */
  private lineStart = 0;
  private lastByte = 0;

  constructor(options: RecordScannerOptions) {
    this.options = options;
    if (options.findUnreadable === true) this.unreadableRecords = 0;
    if (options.countColumns === true) this.otherColumns = { records: 0, difference: 0, first: undefined };
  }

  /**
   * Scans the next bytes of the file. They aren't kept: the chunk may be reused afterwards.
   *
   * @throws InvalidHeaderError, InvalidIdError
   */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.fields.startChunk(chunk);
    let position = this.idColumn < 0 ? this.scanHeader(chunk) : 0;
    while (position < chunk.length) position = this.step(chunk, position);
    this.offset += chunk.length;
    this.lastByte = chunk[chunk.length - 1] ?? 0;
  }

  /**
   * Says that the file is over: counts a last record that lacks its line end.
   *
   * @throws InvalidHeaderError, InvalidIdError
   */
  end(): ScanSummary {
    const endsWithNewline = this.lineStart === this.offset;
    if (!endsWithNewline) {
      this.fields.endFile();
      if (this.idColumn < 0) this.readHeader();
      else if (this.idField.endsWithCarriageReturn) throw this.invalidId();
      else this.endRecord(this.offset, this.fields.isReadable);
    }
    const { names, bom, lineEnd } = this.header;
    return {
      records: this.records,
      bytes: this.offset,
      headerBytes: this.headerBytes.length,
      header: this.headerBytes,
      bom,
      columnNames: names,
      lineEnd,
      endsWithNewline,
      endsInsideQuotes: this.fields.isInsideQuotes,
      emptyLines: this.emptyLines,
      unreadableRecords: this.unreadableRecords,
      otherColumns: this.otherColumns,
    };
  }

  /** Looks for the header's end; returns the position after it, or the chunk's length. */
  private scanHeader(chunk: Buffer): number {
    let position = 0;
    // A quote after bytes that only look like a mark would open a field; such a header isn't valid CSV and refused below.
    while (position < chunk.length && chunk[position] === BYTE_ORDER_MARK[this.offset + position]) position++;
    // While the header isn't known its id column is −1, so each step takes all to the end of the line.
    while (position < chunk.length && this.lineStart === 0) position = this.step(chunk, position);
    this.headerPieces.push(Buffer.from(chunk.subarray(0, position)));
    if (this.offset + position > MAX_HEADER_BYTES) {
      throw new InvalidHeaderError(`The header row does not end within ${MAX_HEADER_BYTES} bytes`);
    }
    if (this.lineStart > 0) {
      this.readHeader();
      const { quoteRule = 'tolerant', findUnreadable = false, countColumns = false } = this.options;
      this.fields = new FieldScanner({ quoteRule, findUnreadable, countDelimiters: countColumns });
      this.fields.startChunk(chunk);
    }
    return position;
  }

  private readHeader(): void {
    this.headerBytes = Buffer.concat(this.headerPieces);
    this.headerPieces = [];
    this.header = readIdHeader(this.headerBytes);
    this.idColumn = this.header.idColumn;
    this.columns = this.header.names.length;
    this.endsWithCrlf = this.header.lineEnd === '\r\n';
    this.options.onHeader?.(this.headerBytes);
  }

  /** Takes the id field, a field before it, or all after it, as far as the chunk goes; returns the position after it. */
  private step(chunk: Buffer, start: number): number {
    if (this.column === this.idColumn) return this.scanId(chunk, start);
    if (this.column > this.idColumn) {
      const lineFeed = this.fields.findLineEnd(chunk, start);
      return lineFeed === chunk.length ? lineFeed : this.endLine(chunk, lineFeed);
    }
    const end = this.fields.findFieldEnd(chunk, start);
    if (end === chunk.length) return end;
    return chunk[end] === COMMA ? this.endField(end) : this.endLine(chunk, end);
  }

  private scanId(chunk: Buffer, start: number): number {
    if (this.idField.isEmpty) {
      const end = this.scanPlainId(chunk, start);
      if (end > start) return end;
    }
    for (let position = start; position < chunk.length; position++) {
      const byte = chunk[position] ?? 0;
      if (byte === LF) return this.endLine(chunk, position);
      if (byte === COMMA && !this.idField.endsWithCarriageReturn) {
        this.takeIdField();
        return this.endField(position);
      }
      if (!this.idField.accept(byte)) throw this.invalidId();
    }
    return chunk.length;
  }

  /** The usual case, all at once: digits and a delimiter in one chunk. Returns `start` for anything else. */
  private scanPlainId(chunk: Buffer, start: number): number {
    const limit = Math.min(chunk.length, start + SAFE_DIGITS);
    let value = 0;
    let position = start;
    for (; position < limit; position++) {
      const digit = (chunk[position] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (position === start || chunk[position] !== COMMA) return start;
    this.takeId(value);
    return this.endField(position);
  }

  private endField(delimiter: number): number {
    this.column++;
    this.fields.startField();
    return delimiter + 1;
  }

  private endLine(chunk: Buffer, lineFeed: number): number {
    const endOffset = this.offset + lineFeed + 1;
    if (this.idColumn >= 0) {
      const endsWithCrlf = (lineFeed > 0 ? chunk[lineFeed - 1] : this.lastByte) === CR;
      const bytes = endOffset - 1 - this.lineStart;
      if (bytes === 0 || (bytes === 1 && endsWithCrlf)) {
        this.emptyLines++;
        this.options.onEmptyLine?.(endOffset);
      } else {
        this.endRecord(endOffset, this.fields.isReadable && endsWithCrlf === this.endsWithCrlf);
      }
    }
    this.lineStart = endOffset;
    this.column = 0;
    this.idField.reset();
    this.fields.startLine();
    return lineFeed + 1;
  }

  private endRecord(endOffset: number, isReadable: boolean): void {
    if (this.column < this.idColumn) throw this.invalidId();
    if (this.column === this.idColumn) this.takeIdField();
    this.records++;
    if (!isReadable && this.unreadableRecords !== undefined) this.unreadableRecords++;
    if (this.otherColumns !== undefined) this.compareColumns(this.otherColumns);
    this.options.onRecord(this.idHigh, this.idLow, endOffset, isReadable);
  }

  private compareColumns(otherColumns: OtherColumns): void {
    const columns = this.column + 1 + this.fields.delimiters;
    if (columns === this.columns) return;
    otherColumns.records++;
    otherColumns.difference += Math.abs(columns - this.columns);
    otherColumns.first ??= { recordNumber: this.records, columns };
  }

  private takeIdField(): void {
    const { value } = this.idField;
    if (value === undefined) throw this.invalidId();
    this.takeId(value);
  }

  private takeId(value: number): void {
    this.idHigh = value < TWO_TO_32 ? 0 : Math.floor(value / TWO_TO_32);
    this.idLow = value - this.idHigh * TWO_TO_32;
    this.options.onId?.(this.idHigh, this.idLow);
  }

  private invalidId(): InvalidIdError {
    return new InvalidIdError(this.records + 1);
  }
}

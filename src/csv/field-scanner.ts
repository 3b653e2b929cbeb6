import { countCommas } from './delimiter-count.js';
import type { QuoteRule } from './quote-rule.js';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

// Where the next byte stands.
const FIELD_START = 0;
const UNQUOTED = 1;
const QUOTED = 2;
/** After a quote inside a quoted field: the next byte says what it meant. */
const AFTER_QUOTE = 3;
/** After such a quote and a CR: a line end if LF follows, else data inside the quotes. */
const AFTER_QUOTE_CR = 4;

export interface FieldScannerOptions {
  readonly quoteRule: QuoteRule;
  /** @default false */
  readonly findUnreadable?: boolean;
  /** @default false */
  readonly countDelimiters?: boolean;
}

/**
 * Finds where fields and lines end, across chunk borders: the one place that knows about quotes. It jumps from quote to line
 * end with native searches, and looks for neither twice in the same bytes.
 */
export class FieldScanner {
  private readonly strict: boolean;
  private readonly closing: boolean;
  private readonly findsUnreadable: boolean;
  private readonly countsDelimiters: boolean;
  private readonly looksCloser: boolean;
  private mode = FIELD_START;
  /** `closing` only: whether the latest quote is the second of two, which would be one escaped quote if more follows. */
  private afterPair = false;
  private readable = true;
  private delimiterCount = 0;
  /** The bytes so far end with a CR outside quotes, which is data unless LF follows. */
  private endsWithCarriageReturn = false;
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the current chunk has its next quote, LF and CR, as far as looked for; −1 when not looked for. */
  private nextQuote = -1;
  private nextLineFeed = -1;
  private nextCarriageReturn = -1;

  constructor({ quoteRule, findUnreadable = false, countDelimiters = false }: FieldScannerOptions) {
    this.strict = quoteRule === 'strict';
    this.closing = quoteRule === 'closing';
    this.findsUnreadable = findUnreadable;
    this.countsDelimiters = countDelimiters;
    this.looksCloser = findUnreadable || countDelimiters;
  }

  /** Whether all bytes so far end inside a quoted field; a quote at their very end closes it. */
  get isInsideQuotes(): boolean {
    return this.mode === QUOTED || this.mode === AFTER_QUOTE_CR;
  }

  /**
   * Whether the fields of the current line are what a reader of RFC 4180 would take them for: no quote or CR in an unquoted
   * one, and no quote inside quotes that isn't doubled. Only known if it was to be found.
   */
  get isReadable(): boolean {
    return this.readable;
  }

  /** Delimiters that `findLineEnd` has passed in the current line, where they are to be counted. */
  get delimiters(): number {
    return this.delimiterCount;
  }

  /** To be called before the bytes of another chunk, which isn't empty, are scanned. */
  startChunk(chunk: Buffer): void {
    this.nextQuote = -1;
    this.nextLineFeed = -1;
    this.nextCarriageReturn = -1;
    if (this.endsWithCarriageReturn && chunk[0] !== LF) this.readable = false;
    this.endsWithCarriageReturn = false;
    if (this.countsDelimiters) this.view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  }

  /** To be called when the next byte is the first of a field. */
  startField(): void {
    this.mode = FIELD_START;
  }

  /** To be called when the next byte is the first of a line. */
  startLine(): void {
    this.mode = FIELD_START;
    this.readable = true;
    this.delimiterCount = 0;
  }

  /** To be called when no more bytes follow. */
  endFile(): void {
    const closedByPair = this.mode === AFTER_QUOTE && this.afterPair;
    if (this.endsWithCarriageReturn || this.isInsideQuotes || closedByPair) this.readable = false;
  }

  /** The position of the delimiter or LF that ends the current field, or the chunk's length if it goes on. */
  findFieldEnd(chunk: Buffer, start: number): number {
    let position = start;
    if (this.mode === FIELD_START) {
      this.mode = UNQUOTED;
      if (chunk[start] === QUOTE) {
        this.mode = QUOTED;
        position++;
      }
    }
    if (this.mode >= QUOTED) position = this.skipQuoted(chunk, position);
    for (; position < chunk.length; position++) {
      const byte = chunk[position] ?? 0;
      if (byte > COMMA) continue;
      if (byte === COMMA || byte === LF) break;
      if (byte === QUOTE) this.readable = false;
      if (byte === CR) this.passCarriageReturn(chunk, position);
    }
    return position;
  }

  /** The position of the LF that ends the current line, or the chunk's length if it goes on. */
  findLineEnd(chunk: Buffer, start: number): number {
    const length = chunk.length;
    let position = start;
    while (position < length) {
      if (this.mode >= QUOTED) {
        position = this.skipQuoted(chunk, position);
        continue;
      }
      const quote = this.quoteFrom(chunk, position);
      const lineFeed = this.lineFeedFrom(chunk, position);
      if (this.looksCloser) this.lookCloser(chunk, position, Math.min(quote, lineFeed));
      if (lineFeed < quote) return lineFeed;
      if (quote === length) {
        this.mode = chunk[length - 1] === COMMA ? FIELD_START : UNQUOTED;
        return length;
      }
      const opens = chunk[quote - 1] === COMMA || (quote === start && this.mode === FIELD_START);
      if (!opens) this.readable = false;
      this.mode = opens ? QUOTED : UNQUOTED;
      position = quote + 1;
    }
    return length;
  }

  /** The position after the quote that closes the current field, or the chunk's length if none does. */
  private skipQuoted(chunk: Buffer, start: number): number {
    let position = start;
    while (position < chunk.length) {
      if (this.mode === QUOTED) {
        position = this.quoteFrom(chunk, position);
        if (position === chunk.length) break;
        position++;
        this.mode = AFTER_QUOTE;
        this.afterPair = false;
        continue;
      }
      const byte = chunk[position];
      if (byte === LF || (byte === COMMA && this.mode === AFTER_QUOTE)) {
        if (this.afterPair) this.readable = false;
        this.mode = UNQUOTED;
        break;
      }
      if (this.mode === AFTER_QUOTE_CR) {
        // The byte may be a quote, which has yet to be looked at.
        this.takeQuoteForData();
      } else if (byte === QUOTE) {
        if (this.closing) this.afterPair = !this.afterPair;
        else this.mode = QUOTED;
        position++;
      } else if (this.strict) {
        if (byte !== CR) this.readable = false;
        this.mode = UNQUOTED;
        break;
      } else {
        if (byte === CR) this.mode = AFTER_QUOTE_CR;
        else this.takeQuoteForData();
        position++;
      }
    }
    return position;
  }

  private takeQuoteForData(): void {
    if (!this.afterPair) this.readable = false;
    this.mode = QUOTED;
  }

  /** Looks at bytes outside quotes that don't reach beyond a line end. */
  private lookCloser(chunk: Buffer, start: number, end: number): void {
    if (this.findsUnreadable) {
      if (this.nextCarriageReturn < start) this.nextCarriageReturn = find(chunk, CR, start);
      if (this.nextCarriageReturn < end) this.passCarriageReturn(chunk, this.nextCarriageReturn);
    }
    if (this.countsDelimiters) this.delimiterCount += countCommas(this.view, start, end);
  }

  /** A CR outside quotes that LF doesn't follow is data, but a line end to others. */
  private passCarriageReturn(chunk: Buffer, position: number): void {
    if (position + 1 === chunk.length) this.endsWithCarriageReturn = true;
    else if (chunk[position + 1] !== LF) this.readable = false;
  }

  private quoteFrom(chunk: Buffer, position: number): number {
    if (this.nextQuote < position) this.nextQuote = find(chunk, QUOTE, position);
    return this.nextQuote;
  }

  private lineFeedFrom(chunk: Buffer, position: number): number {
    if (this.nextLineFeed < position) this.nextLineFeed = find(chunk, LF, position);
    return this.nextLineFeed;
  }
}

/** The position of a byte, or the chunk's length if it isn't there. */
function find(chunk: Buffer, byte: number, start: number): number {
  const found = chunk.indexOf(byte, start);
  return found < 0 ? chunk.length : found;
}

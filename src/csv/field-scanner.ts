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

/**
 * How quotes inside a quoted field are read. On input that is valid by RFC 4180 both see the same.
 *
 * - `tolerant`: `""` is an escaped quote (paired from the left); a quote directly before a delimiter, LF, CRLF or the end
 *   of the file closes the field; any other quote is data. `"first"Name1"` is one field.
 * - `strict`: a quote that isn't doubled closes the field, and what follows up to the delimiter is taken literally (as
 *   Python's `csv` reads it).
 */
export type Quoting = 'tolerant' | 'strict';

/**
 * Finds where fields and lines end, across chunk borders: the one place that knows about quotes. It jumps from quote to line
 * end with native searches, and looks for neither twice in the same bytes.
 */
export class FieldScanner {
  readonly #strict: boolean;
  #mode = FIELD_START;
  /** Where the current chunk has its next quote and LF, as far as looked for; −1 when not looked for. */
  #nextQuote = -1;
  #nextLineFeed = -1;

  constructor(quoting: Quoting) {
    this.#strict = quoting === 'strict';
  }

  /** Whether all bytes so far end inside a quoted field; a quote at their very end closes it. */
  get isInsideQuotes(): boolean {
    return this.#mode === QUOTED || this.#mode === AFTER_QUOTE_CR;
  }

  /** To be called before the bytes of another chunk are scanned. */
  startChunk(): void {
    this.#nextQuote = -1;
    this.#nextLineFeed = -1;
  }

  /** To be called when the next byte is the first of a field. */
  startField(): void {
    this.#mode = FIELD_START;
  }

  /** The position of the delimiter or LF that ends the current field, or the chunk's length if it goes on. */
  findFieldEnd(chunk: Buffer, start: number): number {
    let position = start;
    if (this.#mode === FIELD_START) {
      this.#mode = UNQUOTED;
      if (chunk[start] === QUOTE) {
        this.#mode = QUOTED;
        position++;
      }
    }
    if (this.#mode >= QUOTED) position = this.#skipQuoted(chunk, position);
    while (position < chunk.length && chunk[position] !== COMMA && chunk[position] !== LF) position++;
    return position;
  }

  /** The position of the LF that ends the current line, or the chunk's length if it goes on. */
  findLineEnd(chunk: Buffer, start: number): number {
    const length = chunk.length;
    let position = start;
    while (position < length) {
      if (this.#mode >= QUOTED) {
        position = this.#skipQuoted(chunk, position);
        continue;
      }
      const quote = this.#quoteFrom(chunk, position);
      const lineFeed = this.#lineFeedFrom(chunk, position);
      if (lineFeed < quote) return lineFeed;
      if (quote === length) {
        this.#mode = chunk[length - 1] === COMMA ? FIELD_START : UNQUOTED;
        return length;
      }
      const opens = chunk[quote - 1] === COMMA || (quote === start && this.#mode === FIELD_START);
      this.#mode = opens ? QUOTED : UNQUOTED;
      position = quote + 1;
    }
    return length;
  }

  /** The position after the quote that closes the current field, or the chunk's length if none does. */
  #skipQuoted(chunk: Buffer, start: number): number {
    let position = start;
    while (position < chunk.length) {
      if (this.#mode === QUOTED) {
        position = this.#quoteFrom(chunk, position);
        if (position === chunk.length) break;
        position++;
        this.#mode = AFTER_QUOTE;
        continue;
      }
      const byte = chunk[position];
      const afterQuote = this.#mode === AFTER_QUOTE;
      if (byte === LF || (afterQuote && byte !== QUOTE && (this.#strict || byte === COMMA))) {
        this.#mode = UNQUOTED;
        break;
      }
      this.#mode = afterQuote && byte === CR ? AFTER_QUOTE_CR : QUOTED;
      // What follows a CR that was no line end may be a quote, which has yet to be looked at.
      if (afterQuote) position++;
    }
    return position;
  }

  #quoteFrom(chunk: Buffer, position: number): number {
    if (this.#nextQuote < position) {
      const found = chunk.indexOf(QUOTE, position);
      this.#nextQuote = found < 0 ? chunk.length : found;
    }
    return this.#nextQuote;
  }

  #lineFeedFrom(chunk: Buffer, position: number): number {
    if (this.#nextLineFeed < position) {
      const found = chunk.indexOf(LF, position);
      this.#nextLineFeed = found < 0 ? chunk.length : found;
    }
    return this.#nextLineFeed;
  }
}

const CR = 0x0d;
const QUOTE = 0x22;
const ZERO = 0x30;

const EMPTY = 0;
const DIGITS = 1;
const OPENED = 2;
const QUOTED_DIGITS = 3;
const CLOSED = 4;

/**
 * The value of one `id` field, byte by byte, so that the field may lie across any chunk borders. Takes `^[0-9]+$`, or the
 * same between two quotes, up to 2^53 − 1. Leading zeros don't change the number: `007` is 7.
 */
export class IdField {
  private state = EMPTY;
  private digits = 0;
  private carriageReturnLast = false;

  /**
   * Takes one more byte of the field, which is neither delimiter nor LF; a CR stands for the start of a CRLF. False when this
   * can't become an id any more.
   */
  accept(byte: number): boolean {
    if (this.carriageReturnLast) return false;
    if (byte === CR) {
      this.carriageReturnLast = true;
      return true;
    }
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (this.state === CLOSED) return false;
      if (this.state === EMPTY) this.state = DIGITS;
      else if (this.state === OPENED) this.state = QUOTED_DIGITS;
      // Rounding keeps the order: what is really above 2^53 − 1 never comes out at or below it.
      this.digits = this.digits * 10 + digit;
      return this.digits <= Number.MAX_SAFE_INTEGER;
    }
    if (byte !== QUOTE) return false;
    if (this.state === EMPTY) this.state = OPENED;
    else if (this.state === QUOTED_DIGITS) this.state = CLOSED;
    else return false;
    return true;
  }

  /** Makes ready for the next record's field. */
  reset(): void {
    this.state = EMPTY;
    this.digits = 0;
    this.carriageReturnLast = false;
  }

  /** Whether no byte was taken since the last reset. */
  get isEmpty(): boolean {
    return this.state === EMPTY && !this.carriageReturnLast;
  }

  /** Whether only LF may follow. */
  get endsWithCarriageReturn(): boolean {
    return this.carriageReturnLast;
  }

  /** The id, or undefined while the bytes so far aren't a whole one. */
  get value(): number | undefined {
    return this.state === DIGITS || this.state === CLOSED ? this.digits : undefined;
  }
}

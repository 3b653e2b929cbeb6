/**
 * How quotes inside a quoted field of a record are read; the header is always read by RFC 4180. All three see the same in a file that doubles its quotes, but for `closing`,
 * which takes the second of two quotes before a delimiter or line end for the field's end.
 *
 * - `tolerant`: `""` is an escaped quote (paired from the left); a quote directly before a delimiter, LF, CRLF or the end
 *   of the file closes the field; any other quote is data. `"first"Name1"` is one field.
 * - `strict`: a quote that isn't doubled closes the field, and what follows up to the delimiter is taken literally (as
 *   Python's `csv` reads it).
 * - `closing`: as `tolerant`, but each quote directly before a delimiter, LF, CRLF or the end of the file closes the field,
 *   even after another quote: `"Screen 15""` is the whole field `Screen 15"`. The rule of embulk-input-marketo 0.6.28,
 *   made for quotes that Marketo did not double; it misreads a value that has a quote before a comma and was written well.
 */
export type QuoteRule = 'tolerant' | 'strict' | 'closing';

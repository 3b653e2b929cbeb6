const LONGEST = 300;

/** Longer texts are cut before they are looked at, so that the time this takes has a bound whatever comes. */
const LOOKED_AT = 4000;

/**
 * Text from outside, fit to be shown, logged or sent to Temporal: on one line, at most 300 characters, well-formed Unicode,
 * without what looks like an e-mail address, an access token (`<uuid>:int`) or a credential in a query.
 */
export function cleanText(text: string): string {
  return beginningOf(text)
    .replace(/[^\s@]{0,64}@\S*/g, '<address>')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:\w*/gi, '<token>')
    .replace(/bearer\s\S+/gi, '<token>')
    .replace(/(access_token|client_secret|client_id)(["']?[=:]\s?["']?)[^&\s"']+/gi, '$1$2<hidden>')
    .replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST)
    .replace(/\p{Cs}$/u, '');
}

/** The beginning of a long text up to a space: half a token would not be known for one. */
function beginningOf(text: string): string {
  if (text.length <= LOOKED_AT) return text;
  const beginning = text.slice(0, LOOKED_AT);
  const lastSpace = beginning.search(/\s\S*$/);
  return lastSpace > 0 ? beginning.slice(0, lastSpace) : beginning;
}

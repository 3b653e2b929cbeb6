const LONGEST = 300;

/** Longer texts are cut before they are looked at, so that no answer can keep the patterns below busy. */
const LOOKED_AT = 4000;

/**
 * Text from outside, fit to be shown or logged: on one line, at most 300 characters, without what looks like an e-mail
 * address, an access token (`<uuid>:int`) or a credential in a query.
 */
export function cleanText(text: string): string {
  return text
    .slice(0, LOOKED_AT)
    .replace(/[^\s@]{0,64}@\S*/g, '<address>')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:\w*/gi, '<token>')
    .replace(/bearer\s\S+/gi, '<token>')
    .replace(/(access_token|client_secret|client_id)(["']?[=:]\s?["']?)[^&\s"']+/gi, '$1$2<hidden>')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST);
}

const LONGEST = 200;

/** Longer texts are cut before they are looked at. */
const LOOKED_AT = 4000;

/**
 * What a store says, fit to be shown or logged: on one line, at most 200 characters, without the query of a URL (a signed one
 * is a credential) and without access key ids, signatures and tokens.
 */
export function cleanMessage(text: string): string {
  return text
    .slice(0, LOOKED_AT)
    .replace(/(https?:\/\/[^\s?"'<>]*)\?[^\s"'<>]*/gi, '$1?<hidden>')
    .replace(
      /\b(x-amz-[a-z-]+|aws_?access_?key_?id|access_?key_?id|credential|signature)(\s?[=:]\s?)[^&\s,;"'<>]+/gi,
      '$1$2<hidden>',
    )
    .replace(/\bA[A-Z]{2}A[A-Z0-9]{12,124}\b/g, '<access key id>')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST);
}

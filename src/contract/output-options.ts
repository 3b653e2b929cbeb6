/** Most tags of an object, and their lengths in UTF-16 units (Amazon S3: Object tagging). */
const MAX_TAGS = 10;
const MAX_TAG_KEY = 128;
const MAX_TAG_VALUE = 256;

/** A header longer than this serves nobody. */
const MAX_CONTENT_TYPE = 255;

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const QUOTED = '"(?:[ !#-[\\]-~]|\\\\[ -~])*"';

/** `media-type` of RFC 9110, 8.3.1, in printable ASCII: what a header may hold and every reader understands. */
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?: *; *${TOKEN}=(?:${TOKEN}|${QUOTED}))*$`);

/** Letters, numbers and spaces of any script and `+ - = . _ : / @` (Amazon S3: Object tagging). */
const TAG_TEXT = /^[\p{L}\p{N}\p{Zs}+\-=._:/@]*$/u;

/** What is wrong with a content type, or `undefined` for one that HTTP allows. */
export function contentTypeProblem(text: string): string | undefined {
  if (text.length > MAX_CONTENT_TYPE) return `is longer than ${MAX_CONTENT_TYPE} characters`;
  if (!/^[ -~]*$/.test(text)) return 'has characters other than printable ASCII';
  if (!MEDIA_TYPE.test(text)) return 'is no media type such as "text/csv; charset=utf-8"';
  return undefined;
}

/** What is wrong with the tags of an object, or `undefined` for tags that S3 allows. */
export function tagsProblem(tags: Readonly<Record<string, string>>): string | undefined {
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) return `has more than ${MAX_TAGS} tags`;
  for (const [key, value] of entries) {
    if (key === '') return 'has a tag without a key';
    if (key.length > MAX_TAG_KEY) return `has a key of more than ${MAX_TAG_KEY} characters`;
    if (value.length > MAX_TAG_VALUE) return `has a value of more than ${MAX_TAG_VALUE} characters`;
    if (/^aws:/i.test(key)) return 'has a key that begins with aws:, which belongs to AWS';
    if (!TAG_TEXT.test(key) || !TAG_TEXT.test(value)) {
      return 'has characters other than letters, numbers, spaces and + - = . _ : / @';
    }
  }
  return undefined;
}

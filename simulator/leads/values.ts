// What the leads' values are picked from.

export const FIRST = [
  'Ana',
  'Björn',
  'Chloé',
  'Dmitri',
  'Emeka',
  'Fatima',
  'Grace',
  'Hiro',
  'Ines',
  'Jürgen',
  'Łukasz',
  'Mei',
  'Nguyễn',
  '佐藤',
] as const;
export const LAST = [
  "O'Neil",
  'Müller',
  'García',
  'Smith',
  'Null',
  'van der Berg',
  'Østergård',
  '田中',
  'Ng',
  'de la Cruz',
  'Kowalski',
  'Haddad',
] as const;
export const COMPANY = [
  'Acme, Inc.',
  'Globex',
  'Initech "West"',
  'Umbrella & Sons',
  'Stark',
  'Wayne',
  'Hooli',
  'Vandelay',
] as const;
export const CITY = ['Zürich', 'São Paulo', 'Austin', '東京', 'Kraków', 'Reykjavík', 'Oslo', 'Lagos'] as const;
export const COUNTRY = [
  'Switzerland',
  'Brazil',
  'United States',
  'Japan',
  'Poland',
  'Iceland',
  'Norway',
  'Nigeria',
] as const;
export const SOURCE = ['Web form', 'Trade show', 'Referral', 'List import', 'Webinar'] as const;

/** Notes as sales people leave them: what breaks parsers. */
export const NOTES = [
  'Called, no answer',
  'line one\nline two',
  'line one\r\n\r\nline two',
  'a lone \r carriage return',
  'says "maybe"',
  'a "quoted" word, and a comma',
  'NUL\u0000inside',
  'paragraph\u2028separator',
  'four bytes: 𠜎 😀',
  'null',
  '',
  'ends with a quote"',
  '"',
  'tab\tand  spaces ',
] as const;

/** Values that are written as they are, and how many leads have one. */
export interface StrayQuotes {
  readonly values: readonly [string, ...string[]];
  readonly oneIn: number;
}

/**
 * The value that such a text stands for: what is between its first and its last quote where it ends with one, as Marketo
 * writes values that it does not double the quotes of; else what strict readers take it for.
 */
export function meaningOf(raw: string): string {
  if (!raw.startsWith('"')) return raw;
  return raw.length > 1 && raw.endsWith('"') ? raw.slice(1, -1) : raw.slice(1).replace('"', '');
}

/** Values that Marketo was seen to write with quotes that are not doubled. */
export const STRAY: StrayQuotes = { values: ['"first"Name1"', '"a "b" c"', '"x"y, z"'], oneIn: 97 };

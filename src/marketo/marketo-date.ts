import { cleanText } from './clean-text.js';

/** A date that cannot be read: never skipped, since it might be the oldest. */
export class UnreadableDateError extends Error {
  override readonly name = 'UnreadableDateError';
}

const DATE = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d{1,9})?(?:Z|Z?([+-]\d{2}):?(\d{2}))$/;

/**
 * Milliseconds since 1970 of a date as Marketo writes it: `2016-08-03T22:48:05Z+0000` (Asset API, a `Z` before the offset),
 * `…Z`, `…+00:00`, `…-08:00`, with or without fractions of a second.
 *
 * @throws UnreadableDateError for anything else
 */
export function parseMarketoDate(text: string): number {
  const [, day, time, fraction = '', hours = '+00', minutes = '00'] = DATE.exec(text) ?? [];
  if (day !== undefined && time !== undefined) {
    const local = `${day}T${time}`;
    const asUtc = Date.parse(`${local}Z`);
    // Date.parse takes 30 February for 1 March.
    if (!Number.isNaN(asUtc) && new Date(asUtc).toISOString().startsWith(local)) {
      const milliseconds = Date.parse(`${local}${fraction.slice(0, 4)}${hours}:${minutes}`);
      if (!Number.isNaN(milliseconds)) return milliseconds;
    }
  }
  throw new UnreadableDateError(`A date of Marketo cannot be read: ${JSON.stringify(cleanText(text).slice(0, 40))}`);
}

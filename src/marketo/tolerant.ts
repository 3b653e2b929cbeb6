import { z } from 'zod';
import { cleanText } from './clean-text.js';
import { parseMarketoDate } from './marketo-date.js';

/** A number that is not negative, also written as a string of digits. */
export const wholeNumber = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(0));

/** Absent keys, nulls and empty strings mean the same: the documents say null, the answers leave them out. */
export function optional<T extends z.ZodType>(type: T): z.ZodType<z.output<T> | undefined> {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), type.optional());
}

/** A date that is only shown, as ISO 8601 in UTC; what cannot be read counts as absent. */
export const shownDate = z
  .unknown()
  .optional()
  .transform((value) => {
    const date = parseMarketoDate(value);
    return date === undefined ? undefined : new Date(date).toISOString();
  });

/** Text that is only shown, cleaned; anything else counts as absent. */
export const shownText = z.string().transform(cleanText).optional().catch(undefined);

const DATE = /^\s*(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?\s?(?:Z?([+-]\d{2}):?(\d{2})|Z)?\s*$/;

/**
 * Milliseconds since 1970 of a date as Marketo writes it: `2016-08-03T22:48:05Z+0000` (Asset API, a `Z` before the offset),
 * `…Z`, `…+00:00`, `…-08:00`, with or without fractions of a second, with a space for the `T`. Without a zone it is GMT, as
 * Marketo says of its dates. `undefined` for anything else: whoever needs the date must not pass over it.
 */
export function parseMarketoDate(text: unknown): number | undefined {
  const [, day, time, fraction = '', hours = '+00', minutes = '00'] =
    (typeof text === 'string' && DATE.exec(text)) || [];
  if (day === undefined || time === undefined) return undefined;
  const local = `${day}T${time}`;
  const asUtc = Date.parse(`${local}Z`);
  // Date.parse takes 30 February for 1 March.
  if (Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(local)) return undefined;
  const milliseconds = Date.parse(`${local}${fraction.slice(0, 4)}${hours}:${minutes}`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

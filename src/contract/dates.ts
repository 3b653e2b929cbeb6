/** The one spelling of times in inputs to Marketo, names and results: `2016-08-01T00:00:00Z`. */
export const UTC_SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** `2016-08-01T00:00:00Z` for whole seconds since 1970. */
export function formatSeconds(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** Seconds since 1970, floored, of a date made by {@link formatSeconds}. */
export function parseSeconds(date: string): number {
  return Math.floor(Date.parse(date) / 1000);
}

/**
 * Seconds since 1970, floored, of an ISO 8601 date or date-time that has passed validation. Without a zone it is UTC,
 * as for Marketo (Adobe: Bulk Lead Extract, Filters).
 */
export function parseIsoSeconds(date: string): number {
  const zoned = !date.includes('T') || /(?:Z|[+-]\d{2}:?\d{2})$/.test(date) ? date : `${date}Z`;
  return parseSeconds(zoned);
}

import { DateTime } from 'luxon';
import { QUOTA_TIME_ZONE } from './limits.js';

/** A moment, with the midnights of Marketo's day around it. All in milliseconds since 1970. */
export interface CentralDay {
  /** The midnight that the day began with. */
  readonly start: number;
  /** The next one; a day of the time change has 23 or 25 hours. */
  readonly end: number;
}

/** The day of Marketo's quotas that a moment lies in: from midnight to midnight Central (Adobe: Bulk Extract, Limits). */
export function centralDay(milliseconds: number): CentralDay {
  const start = DateTime.fromMillis(milliseconds, { zone: QUOTA_TIME_ZONE }).startOf('day');
  return { start: start.toMillis(), end: start.plus({ days: 1 }).startOf('day').toMillis() };
}

/** `2024-01-31`: the day of Marketo's quotas that a moment lies in. */
export function centralDate(iso: string): string {
  return DateTime.fromISO(iso, { zone: QUOTA_TIME_ZONE }).toISODate() ?? 'unknown';
}

import { formatSeconds, parseSeconds } from '../contract/dates.js';
import type { WindowPlan } from '../contract/windows.js';

const DAY_SECONDS = 24 * 60 * 60;

/**
 * Where the windows of changes of an update end: where the last window that its range needs has its full length, which takes no
 * further job. So a lead that changes again while its job waits, for the queue or for days of quota, stays in its window, and
 * comes as it is then. Marketo's documents say nothing about ends in the future.
 */
export function updatedUntil({ startAt, endAt, windowDays, windowOverlapSeconds }: WindowPlan): string {
  const [start, end] = [parseSeconds(startAt), parseSeconds(endAt)];
  const window = windowDays * DAY_SECONDS;
  const steps = Math.max(0, Math.ceil((end - start + 1 - window) / (window - windowOverlapSeconds)));
  return formatSeconds(start + steps * (window - windowOverlapSeconds) + window - 1);
}

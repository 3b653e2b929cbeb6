import { centralDay } from '../contract/central-day.js';

const MINUTE_MILLISECONDS = 60_000;
const JITTER_MINUTES = 5;
const CLOSE_TO_MIDNIGHT_MINUTES = 2 * 60;
const STEP_MINUTES = 15;

/**
 * When to try again after a daily quota was used up: the next midnight in America/Chicago plus up to five minutes, so that
 * not all integrations call at once. Just after a midnight, for two hours, in a quarter of an hour instead: the documents
 * disagree on whether the reset is at midnight Standard or Daylight Time.
 *
 * @param random a number from 0 to below 1
 */
export function nextQuotaAttempt(now: Date, random: () => number): Date {
  const { start, end } = centralDay(now.getTime());
  const isJustAfter = now.getTime() - start < CLOSE_TO_MIDNIGHT_MINUTES * MINUTE_MILLISECONDS;
  if (isJustAfter) return new Date(now.getTime() + STEP_MINUTES * MINUTE_MILLISECONDS);
  return new Date(end + Math.floor(random() * JITTER_MINUTES * MINUTE_MILLISECONDS));
}

import { DateTime } from 'luxon';

/** Marketo's quotas begin anew at midnight Central (Adobe: Bulk Extract, Limits). */
const CENTRAL = 'America/Chicago';

const JITTER_MINUTES = 5;
const CLOSE_TO_MIDNIGHT_HOURS = 2;
const STEP_MINUTES = 15;

/**
 * When to try again after a daily quota was used up: the next midnight in America/Chicago plus up to five minutes, so that
 * not all integrations call at once. Just after a midnight, for two hours, in a quarter of an hour instead: the documents
 * disagree on whether the reset is at midnight Standard or Daylight Time.
 *
 * @param random a number from 0 to below 1
 */
export function nextQuotaAttempt(now: Date, random: () => number): Date {
  const central = DateTime.fromJSDate(now, { zone: CENTRAL });
  const midnight = central.startOf('day');
  if (central.diff(midnight, 'hours').hours < CLOSE_TO_MIDNIGHT_HOURS) {
    return central.plus({ minutes: STEP_MINUTES }).toJSDate();
  }
  return midnight
    .plus({ days: 1 })
    .startOf('day')
    .plus({ milliseconds: Math.floor(random() * JITTER_MINUTES * 60_000) })
    .toJSDate();
}

import { MAX_JOBS_PER_WINDOW } from '../contract/limits.js';
import { CANCELLED, type Wait, type WindowSummary } from '../contract/progress.js';
import { oneLine } from '../text/clean.js';
import { count, duration, plural, size } from '../text/format.js';
import { waitSentence } from '../text/progress.js';
import type { PendingActivity, WindowDetail } from './snapshot.js';

/** Stands between the things that a line says. */
export const SEPARATOR = ' · ';

/** What a wait means, the time left first: until its end, or to the next try where no end is known. */
export interface Waiting {
  readonly left: string | undefined;
  readonly what: string | undefined;
  readonly since: string | undefined;
  readonly attempt: string | undefined;
}

/** @param now milliseconds since 1970 that countdowns count from */
export function waiting(wait: Wait | undefined, activity: PendingActivity | undefined, now: number): Waiting {
  const until = wait?.until;
  const next = activity?.nextAttemptAt;
  return {
    left:
      until !== undefined
        ? `${countdown(until, now)} left`
        : next !== undefined
          ? `next try in ${countdown(next, now)}`
          : undefined,
    what: wait && waitSentence(wait),
    since: wait && until === undefined ? `for ${elapsed(wait.since, now)}` : undefined,
    attempt: activity && activity.attempt > 1 ? `attempt ${count(activity.attempt)}` : undefined,
  };
}

/**
 * What an open or failed window does, on one line: `next try in 12 s · The export job is queued in Marketo · for 3 min`.
 *
 * @param quiet leaves out its wait, where that has been told of the run already
 * @param now milliseconds since 1970 that countdowns count from
 */
export function windowText(
  window: WindowSummary,
  { progress, activity }: WindowDetail,
  quiet: boolean,
  now: number,
): string {
  const cancelled = window.reason === CANCELLED;
  const records = window.records ?? progress?.records;
  const bytes = window.bytes ?? progress?.bytes;
  const stored = activity?.uploadedBytes;
  const wait = quiet || window.state === 'failed' ? undefined : waiting(window.wait ?? progress?.wait, activity, now);
  return joined(
    wait?.left,
    // The wait itself says what kind of waiting this is.
    wait?.what !== undefined && progress?.stage === 'waiting for job'
      ? undefined
      : (progress?.stage ?? (cancelled ? CANCELLED : window.state)),
    records === undefined ? undefined : plural(records, 'record'),
    bytes === undefined ? undefined : stored === undefined ? size(bytes) : `${size(stored)} of ${size(bytes)}`,
    wait?.what,
    wait?.since,
    wait?.attempt,
    progress && progress.jobs > 1 ? `job ${progress.jobs} of at most ${MAX_JOBS_PER_WINDOW}` : undefined,
    window.reason === undefined || cancelled ? undefined : oneLine(window.reason),
  );
}

/** What there is to say, as one line. */
export function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(SEPARATOR);
}

function elapsed(since: string, nowMilliseconds: number): string {
  return duration((nowMilliseconds - Date.parse(since)) / 1000);
}

function countdown(until: string, nowMilliseconds: number): string {
  return duration((Date.parse(until) - nowMilliseconds) / 1000);
}

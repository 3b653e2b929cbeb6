import { formatSeconds, parseSeconds } from './dates.js';
import { MAX_WINDOW_DAYS } from './limits.js';

/** A closed range of creation times: both ends belong to it, as in Marketo's `createdAt` filter. Spelled `2016-08-01T00:00:00Z`. */
export interface Window {
  readonly startAt: string;
  readonly endAt: string;
}

/** What windows are laid out from, as a plan pins it. */
export interface WindowPlan {
  readonly startAt: string;
  readonly endAt: string;
  readonly windowOverlapSeconds: number;
}

const WINDOW_SECONDS = MAX_WINDOW_DAYS * 24 * 60 * 60;

/**
 * The windows of a plan: `[startAt, endAt]` cut into windows `[s, s + 31 d − 1 s]`, the next one starting at `s + 31 d − overlapSeconds` and the
 * last one ending at `endAt`. Every second of the range lies in a window; with an overlap of 0 in exactly one, with an
 * overlap of 1 neighbours share their boundary second, which is safe even if Marketo compares fractions of a second.
 *
 * @throws RangeError if the range is empty or the overlap is not within 0–3600 seconds.
 */
export function windowsOf({ startAt, endAt, windowOverlapSeconds: overlapSeconds }: WindowPlan): Window[] {
  const first = parseSeconds(startAt);
  const last = parseSeconds(endAt);
  if (!(first <= last)) throw new RangeError(`The range ${startAt} to ${endAt} is empty`);
  if (!(overlapSeconds >= 0 && overlapSeconds <= 3600)) throw new RangeError('The overlap must be 0 to 3600 seconds');
  const windows: Window[] = [];
  for (let start = first; ; start += WINDOW_SECONDS - overlapSeconds) {
    const end = Math.min(start + WINDOW_SECONDS - 1, last);
    windows.push({ startAt: formatSeconds(start), endAt: formatSeconds(end) });
    if (end === last) return windows;
  }
}

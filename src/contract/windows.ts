import { formatSeconds, parseSeconds } from './dates.js';
import { MAX_WINDOW_DAYS } from './limits.js';

/** A closed range of creation times: both ends belong to it, as in Marketo's `createdAt` filter. Spelled `2016-08-01T00:00:00Z`. */
export interface Window {
  readonly startAt: string;
  readonly endAt: string;
  /** True for a range of times of the last change, Marketo's `updatedAt` filter. */
  readonly updated?: true;
}

/** What a window is called in names and messages: its start, or `updated/` and its start. */
export function windowName({ startAt, updated }: Pick<Window, 'startAt' | 'updated'>): string {
  return updated ? `updated/${startAt}` : startAt;
}

/** What windows are laid out from, as a plan pins it. */
export interface WindowPlan {
  readonly startAt: string;
  readonly endAt: string;
  readonly windowOverlapSeconds: number;
  /** Longest window in days, 1–31. */
  readonly windowDays: number;
  /** Where windows of changes end, in an update: they begin where the range does. */
  readonly updatedUntil?: string;
}

const DAY_SECONDS = 24 * 60 * 60;

/** A window is not halved into less than this. */
const SHORTEST_HALF_SECONDS = 60 * 60;

/**
 * The windows of a plan: `[startAt, endAt]` cut into windows `[s, s + n days − 1 s]`, the next one starting at
 * `s + n days − overlapSeconds` and the last one ending at `endAt`. Every second of the range lies in a window; with an overlap
 * of 0 in exactly one, with an overlap of 1 neighbours share their boundary second, which is safe even if Marketo compares
 * fractions of a second. In an update windows of changes follow, laid out in the same way up to their own end.
 *
 * @param halved windows that the run has replaced by their halves, each as it was
 * @throws RangeError if the range is empty, or overlap or days are not within their bounds
 */
export function windowsOf(plan: WindowPlan, halved: readonly Window[] = []): Window[] {
  const { updatedUntil } = plan;
  const created = layOut(plan, halved, {});
  if (updatedUntil === undefined) return created;
  return [...created, ...layOut({ ...plan, endAt: updatedUntil }, halved, { updated: true })];
}

function layOut(plan: WindowPlan, halved: readonly Window[], kind: Pick<Window, 'updated'>): Window[] {
  const first = parseSeconds(plan.startAt);
  const last = parseSeconds(plan.endAt);
  const { windowOverlapSeconds: overlap, windowDays: days } = plan;
  if (!(first <= last)) throw new RangeError(`The range ${plan.startAt} to ${plan.endAt} is empty`);
  if (!(overlap >= 0 && overlap <= 3600)) throw new RangeError('The overlap must be 0 to 3600 seconds');
  if (!(days >= 1 && days <= MAX_WINDOW_DAYS)) throw new RangeError(`A window must have 1 to ${MAX_WINDOW_DAYS} days`);
  const windows: Window[] = [];
  for (let start = first; ; start += days * DAY_SECONDS - overlap) {
    const end = Math.min(start + days * DAY_SECONDS - 1, last);
    windows.push(...withHalves({ startAt: formatSeconds(start), endAt: formatSeconds(end), ...kind }, overlap, halved));
    if (end === last) return windows;
  }
}

/** The two halves of a window, which share as many seconds as windows do; nothing for one that is too short to be halved. */
export function halvesOf(
  { startAt, endAt, ...kind }: Window,
  overlapSeconds: number,
): readonly [Window, Window] | undefined {
  const [start, end] = [parseSeconds(startAt), parseSeconds(endAt)];
  const half = Math.floor((end - start + 1) / 2);
  if (half - overlapSeconds < SHORTEST_HALF_SECONDS) return undefined;
  return [
    { startAt, endAt: formatSeconds(start + half - 1), ...kind },
    { startAt: formatSeconds(start + half - overlapSeconds), endAt, ...kind },
  ];
}

function isSameWindow(one: Window, other: Window): boolean {
  return windowName(one) === windowName(other) && one.endAt === other.endAt;
}

function withHalves(window: Window, overlapSeconds: number, halved: readonly Window[]): readonly Window[] {
  const halves = halved.some((one) => isSameWindow(one, window)) ? halvesOf(window, overlapSeconds) : undefined;
  return halves ? halves.flatMap((half) => withHalves(half, overlapSeconds, halved)) : [window];
}

import { MAX_JOBS_PER_WINDOW } from '../contract/limits.js';
import { CANCELLED, type ExtractProgress, type Wait, type WindowSummary } from '../contract/progress.js';
import { windowName } from '../contract/windows.js';
import { oneLine } from '../text/clean.js';
import { headline, waitOf } from '../text/headline.js';
import { count, days, duration, plural, size } from '../text/format.js';
import { estimateSentence, finishedWindows, totals, waitSentence } from '../text/progress.js';
import type { PendingActivity, Snapshot, WindowDetail } from './snapshot.js';

/** How a line is painted where colours are wanted. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow';

/** A line of the view, not yet painted or cut. */
export interface Line {
  readonly text: string;
  readonly style?: Style;
}

/** Stands between what a line says: where a line may be broken. */
export const SEPARATOR = ' · ';

const BAR_WIDTH = 30;

/** Open and failed windows that are shown one by one. */
const MAX_WINDOWS = 12;

/**
 * A run as lines: what it is doing and how long that takes, how far it is, then each open window.
 *
 * @param nowMilliseconds what countdowns count from
 */
export function render(snapshot: Snapshot, nowMilliseconds: number): Line[] {
  const { trouble } = snapshot;
  const progress = knownProgress(snapshot);
  const lines = progress
    ? renderProgress(progress, snapshot, nowMilliseconds)
    : [{ text: `${snapshot.workflowId} · ${snapshot.status.toLowerCase()}`, style: 'bold' as const }];
  if (trouble !== undefined) lines.push({ text: trouble, style: 'yellow' });
  return lines;
}

/** The progress of a run, with the waits that only the workflows of its windows know. */
export function knownProgress({ progress, windows }: Snapshot): ExtractProgress | undefined {
  if (!progress) return undefined;
  const current = progress.current.map((window) => {
    const wait = window.wait ?? windows[windowName(window)]?.progress?.wait;
    return wait && window.state !== 'failed' ? { ...window, wait } : window;
  });
  return { ...progress, current };
}

/** What a wait means, the time left first: until its end, or to the next try where no end is known. */
function waiting(wait: Wait | undefined, activity: PendingActivity | undefined, now: number): Waiting {
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

interface Waiting {
  readonly left: string | undefined;
  readonly what: string | undefined;
  readonly since: string | undefined;
  readonly attempt: string | undefined;
}

function renderProgress(progress: ExtractProgress, snapshot: Snapshot, now: number): Line[] {
  const { windows, current, warnings, concurrency } = progress;
  const lines: Line[] = [
    { text: headline(progress, { now }), style: 'bold' },
    { text: `${bar(finishedWindows(progress), windows.total)} ${totals(progress)}` },
    { text: joined(oneLine(progress.destination), `${plural(concurrency, 'job')} at once`), style: 'dim' },
  ];
  const shared = waitOf(progress);
  if (progress.wait) {
    const { left, since, attempt } = waiting(progress.wait, snapshot.activity, now);
    const more = joined(progress.wait.until === undefined ? left : undefined, since, attempt);
    if (more !== '') lines.push({ text: more });
  }
  if (progress.stage === 'waiting for retryWindow') {
    lines.push({ text: 'Waits for `retry-window START` of a failed window, or `cancel`.', style: 'yellow' });
  }
  for (const window of current.slice(0, MAX_WINDOWS)) {
    const quiet = shared?.until !== undefined;
    lines.push(renderWindow(window, snapshot.windows[windowName(window)] ?? {}, quiet, now));
  }
  if (current.length > MAX_WINDOWS)
    lines.push({ text: `  … and ${plural(current.length - MAX_WINDOWS, 'more window')}` });
  if (progress.estimate) lines.push({ text: estimateSentence(progress.estimate), style: 'dim' });
  for (const warning of warnings) lines.push({ text: `Warning: ${oneLine(warning)}`, style: 'yellow' });
  return lines;
}

function renderWindow(window: WindowSummary, { progress, activity }: WindowDetail, quiet: boolean, now: number): Line {
  const cancelled = window.reason === CANCELLED;
  const records = window.records ?? progress?.records;
  const bytes = window.bytes ?? progress?.bytes;
  const stored = activity?.uploadedBytes;
  const wait = quiet || window.state === 'failed' ? undefined : waiting(window.wait ?? progress?.wait, activity, now);
  const text = joined(
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
  return { text: `  ${days(window)}  ${text}`, ...(window.state === 'failed' && { style: 'red' as const }) };
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(SEPARATOR);
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.floor((BAR_WIDTH * done) / total);
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}

function elapsed(since: string, nowMilliseconds: number): string {
  return duration((nowMilliseconds - Date.parse(since)) / 1000);
}

function countdown(until: string, nowMilliseconds: number): string {
  return duration((Date.parse(until) - nowMilliseconds) / 1000);
}

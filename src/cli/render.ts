import { MAX_JOBS_PER_WINDOW } from '../contract/limits.js';
import type { ExtractProgress, Wait, WindowSummary } from '../contract/progress.js';
import { oneLine } from '../text/clean.js';
import { count, days, duration, moment, plural, size } from '../text/format.js';
import { estimateSentence, finishedWindows, totals } from '../text/progress.js';
import type { PendingActivity, Snapshot, WindowDetail } from './snapshot.js';

/** How a line is painted where colours are wanted. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow';

/** A line of the view, not yet painted or cut. */
export interface Line {
  readonly text: string;
  readonly style?: Style;
}

const BAR_WIDTH = 30;

/** Open and failed windows that are shown one by one. */
const MAX_WINDOWS = 12;

/**
 * A run as lines: where it is, how far, what each open window waits for and for how long still.
 *
 * @param nowMilliseconds what countdowns count from
 */
export function render(snapshot: Snapshot, nowMilliseconds: number): Line[] {
  const { progress, trouble } = snapshot;
  const lines = progress
    ? renderProgress(progress, snapshot, nowMilliseconds)
    : [{ text: `${snapshot.workflowId} · ${snapshot.status.toLowerCase()}`, style: 'bold' as const }];
  if (trouble !== undefined) lines.push({ text: trouble, style: 'yellow' });
  return lines;
}

/** What a wait means: its message and the time left, or the next try where no end is known. */
export function waiting(
  wait: Wait | undefined,
  activity: PendingActivity | undefined,
  nowMilliseconds: number,
): string | undefined {
  const until = wait?.until;
  const next = activity?.nextAttemptAt;
  const parts = [
    ...(wait ? [oneLine(wait.message)] : []),
    ...(wait && until === undefined ? [`for ${elapsed(wait.since, nowMilliseconds)}`] : []),
    ...(until === undefined ? [] : [`until ${moment(until)} (${countdown(until, nowMilliseconds)})`]),
    ...(until === undefined && next !== undefined ? [`next try in ${countdown(next, nowMilliseconds)}`] : []),
    ...(activity && activity.attempt > 1 ? [`attempt ${count(activity.attempt)}`] : []),
  ];
  return parts.length > 0 ? parts.join(' · ') : undefined;
}

function renderProgress(progress: ExtractProgress, snapshot: Snapshot, now: number): Line[] {
  const { windows, current, warnings } = progress;
  const lines: Line[] = [
    { text: `${oneLine(progress.destination)} · ${stage(progress)}`, style: 'bold' },
    { text: `${bar(finishedWindows(progress), windows.total)} ${totals(progress)}` },
  ];
  const own = waiting(progress.wait, snapshot.activity, now);
  if (own !== undefined) lines.push({ text: own, style: 'yellow' });
  if (progress.paused) lines.push({ text: 'Paused: no new window is started until `resume`.', style: 'yellow' });
  if (progress.stage === 'waiting for retryWindow') {
    lines.push({ text: 'Waits for `retry-window START` of a failed window, or `cancel`.', style: 'yellow' });
  }
  for (const window of current.slice(0, MAX_WINDOWS)) {
    lines.push(renderWindow(window, snapshot.windows[window.startAt] ?? {}, now));
  }
  if (current.length > MAX_WINDOWS)
    lines.push({ text: `  … and ${plural(current.length - MAX_WINDOWS, 'more window')}` });
  if (progress.estimate) lines.push({ text: estimateSentence(progress.estimate), style: 'dim' });
  for (const warning of warnings) lines.push({ text: `Warning: ${oneLine(warning)}`, style: 'yellow' });
  return lines;
}

function renderWindow(window: WindowSummary, { progress, activity }: WindowDetail, now: number): Line {
  const leads = window.records ?? progress?.records;
  const bytes = window.bytes ?? progress?.bytes;
  const stored = activity?.uploadedBytes;
  const wait = window.state === 'failed' ? undefined : waiting(window.wait ?? progress?.wait, activity, now);
  const jobs = progress && progress.jobs > 1 ? `job ${progress.jobs} of at most ${MAX_JOBS_PER_WINDOW}` : undefined;
  const parts = [
    // The wait itself says what kind of waiting this is.
    wait !== undefined && progress?.stage === 'waiting for job' ? undefined : (progress?.stage ?? window.state),
    leads === undefined ? undefined : plural(leads, 'lead'),
    bytes === undefined ? undefined : stored === undefined ? size(bytes) : `${size(stored)} of ${size(bytes)}`,
    jobs,
    window.reason === undefined || window.reason === '' ? undefined : oneLine(window.reason),
    wait,
  ];
  return {
    text: `  ${days(window)}  ${parts.filter((part) => part !== undefined).join(' · ')}`,
    ...(window.state === 'failed' && { style: 'red' as const }),
  };
}

function stage({ stage: name, paused, concurrency, windows }: ExtractProgress): string {
  const failed = windows.failed > 0 ? ` · ${windows.failed} failed` : '';
  return `${name}${paused ? ' (paused)' : ''} · ${plural(concurrency, 'job')} at once${failed}`;
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

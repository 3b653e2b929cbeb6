import type { ExtractProgress, WindowSummary } from '../contract/progress.js';
import { windowName } from '../contract/windows.js';
import { knownProgress, type Snapshot, type WindowDetail } from '../runs/snapshot.js';
import { joined, waiting, windowText } from '../runs/window-text.js';
import { oneLine } from '../text/clean.js';
import { days, plural } from '../text/format.js';
import { headline, waitOf } from '../text/headline.js';
import { estimateSentence, finishedWindows, totals } from '../text/progress.js';

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

function renderWindow(window: WindowSummary, detail: WindowDetail, quiet: boolean, now: number): Line {
  const text = `  ${days(window)}  ${windowText(window, detail, quiet, now)}`;
  return { text, ...(window.state === 'failed' && { style: 'red' as const }) };
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.floor((BAR_WIDTH * done) / total);
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}

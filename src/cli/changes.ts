import { CANCELLED, isNewWait, type ExtractProgress, type Wait, type WindowSummary } from '../contract/progress.js';
import { windowName } from '../contract/windows.js';
import { oneLine } from '../text/clean.js';
import { days, plural } from '../text/format.js';
import { finishedWindows, totals, waitSentence } from '../text/progress.js';
import type { Snapshot } from '../runs/snapshot.js';

/**
 * What happened between two looks at a run, one plain sentence each: for logs and pipes, where nothing can be drawn over.
 * Countdowns and estimates change all the time and are left out.
 */
export function changes(before: Snapshot | undefined, now: Snapshot): string[] {
  const trouble = now.trouble === before?.trouble ? [] : [now.trouble ?? 'It answers again.'];
  if (!now.progress) return trouble;
  return [...trouble, ...runChanges(before?.progress, now.progress), ...windowChanges(before, now)];
}

function runChanges(before: ExtractProgress | undefined, now: ExtractProgress): string[] {
  const lines: string[] = [];
  if (now.stage !== before?.stage) lines.push(now.stage);
  if (before && now.paused !== before.paused) lines.push(now.paused ? 'paused' : 'resumed');
  if (before && now.concurrency !== before.concurrency) lines.push(`${plural(now.concurrency, 'job')} at once`);
  if (now.windows.total > 0 && (!before || finishedWindows(now) !== finishedWindows(before))) lines.push(totals(now));
  if (now.wait && isNewWait(now.wait, before?.wait)) lines.push(waitSentence(now.wait));
  const known = new Set(before?.warnings);
  lines.push(...now.warnings.filter((warning) => !known.has(warning)).map((warning) => `warning: ${oneLine(warning)}`));
  return lines;
}

function windowChanges(before: Snapshot | undefined, now: Snapshot): string[] {
  const known = new Map(before?.progress?.current.map((window) => [windowName(window), window]));
  return (now.progress?.current ?? []).flatMap((window) => {
    const earlier = known.get(windowName(window));
    const name = `window ${days(window)}:`;
    const stage = stageOf(window, now);
    const wait = waitOf(window, now);
    const waitBefore = earlier && before ? waitOf(earlier, before) : undefined;
    const lines: string[] = [];
    const newWait = wait && isNewWait(wait, waitBefore) ? wait : undefined;
    const newStage = !earlier || !before || stage !== stageOf(earlier, before);
    // A wait for a job says so itself.
    if (newStage && !(newWait && stage === 'waiting for job')) lines.push(`${name} ${stage}${because(window)}`);
    if (newWait) lines.push(`${name} ${waitSentence(newWait)}`);
    return lines;
  });
}

function stageOf(window: WindowSummary, { windows }: Snapshot): string {
  const { state, reason } = window;
  if (state === 'failed') return reason === CANCELLED ? CANCELLED : 'failed';
  return windows[windowName(window)]?.progress?.stage ?? state;
}

function waitOf(window: WindowSummary, { windows }: Snapshot): Wait | undefined {
  return window.wait ?? windows[windowName(window)]?.progress?.wait;
}

function because({ reason }: WindowSummary): string {
  return reason === undefined || reason === '' || reason === CANCELLED ? '' : `: ${oneLine(reason)}`;
}

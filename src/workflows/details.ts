import { setCurrentDetails } from '@temporalio/workflow';
import type { CompletedJob } from '../contract/activities.js';
import type { ExtractProgress, Wait, WindowProgress, WindowSummary } from '../contract/progress.js';

/** Rows of the table of windows: Temporal takes 20 KB of details, and nobody reads more. */
const MAX_ROWS = 60;

/** Shows a run in the Web UI: what it waits for, how far it is, and the windows that are open or failed. */
export function showRun(progress: ExtractProgress): void {
  setCurrentDetails(runDetails(progress));
}

/** Shows a window in the Web UI. */
export function showWindow(progress: WindowProgress): void {
  setCurrentDetails(windowDetails(progress));
}

/** Markdown of a run. Pure, so that it can be tested by itself. */
export function runDetails(progress: ExtractProgress): string {
  const { windows, current, warnings, estimate } = progress;
  const finished = windows.completed + windows['taken over'];
  const lines = [
    `**${progress.stage}${progress.paused ? ' (paused)' : ''}** · ${finished} of ${windows.total} windows · ` +
      `${count(progress.records)} leads · ${megabytes(progress.bytes)}`,
  ];
  if (progress.wait) lines.push(sentence(progress.wait));
  if (progress.paused) lines.push('Paused: no new window is started until the signal `resume`.');
  if (progress.stage === 'waiting for retryWindow') {
    lines.push('Send the signal `retryWindow` with the start of a failed window, or cancel the run.');
  }
  if (estimate) {
    lines.push(
      `About ${duration(estimate.secondsLeft)} and ${megabytes(estimate.bytesLeft)} left; ` +
        `${estimate.quotaDays} day(s) of a 500 MB daily export quota in all.`,
    );
  }
  if (current.length > 0) {
    const rows = current.slice(0, MAX_ROWS).map(row);
    lines.push([tableRow('window', 'stage', 'leads', 'size', ''), '|---|---|---:|---:|---|', ...rows].join('\n'));
    if (current.length > MAX_ROWS) lines.push(`… and ${current.length - MAX_ROWS} more`);
  }
  for (const warning of warnings) lines.push(`⚠ ${cell(warning)}`);
  return lines.join('\n\n');
}

/** Markdown of a window. */
export function windowDetails(progress: WindowProgress): string {
  const lines = [`**${progress.stage}** · ${days(progress)} · job ${progress.jobs} of at most 3`];
  if (progress.exportId !== undefined) lines.push(`Export job \`${cell(progress.exportId)}\``);
  if (progress.wait) lines.push(sentence(progress.wait));
  if (progress.records !== undefined) lines.push(`${count(progress.records)} leads, ${megabytes(progress.bytes ?? 0)}`);
  return lines.join('\n\n');
}

/** `2016-08-01 → 2016-08-31`: a window's summary in lists. */
export function days({ startAt, endAt }: { startAt: string; endAt: string }): string {
  return `${startAt.slice(0, 10)} → ${endAt.slice(0, 10)}`;
}

/** Leads and size of a completed job, for the list of activities. */
export function exportSummary({ records, bytes }: CompletedJob): string {
  if (records === 0) return 'no leads';
  return `${records === undefined ? 'an unknown number of' : count(records)} leads, ${megabytes(bytes ?? 0)}`;
}

function row({ state, records: leads, bytes, wait, reason, ...window }: WindowSummary): string {
  const why = reason ?? (wait ? sentence(wait) : '');
  return tableRow(
    days(window),
    state,
    leads === undefined ? '' : count(leads),
    bytes === undefined ? '' : megabytes(bytes),
    cell(why),
  );
}

/** The Web UI puts no space between cells, and white space at their ends is cut off: after it comes a space of no width. */
const GAP = '\u2003\u200b';

function tableRow(...cells: readonly string[]): string {
  return `| ${cells.join(`${GAP} | `)} |`;
}

function sentence({ message, until }: Wait): string {
  return until === undefined ? message : `${message} — until ${until}`;
}

/** Text from outside must not break out of its table cell or start markup. */
function cell(text: string): string {
  return text
    .slice(0, 300)
    .replace(/[\r\n]+/g, ' ')
    .replace(/[|`<>[\]*_\\]/g, '\\$&');
}

function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

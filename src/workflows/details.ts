import { setCurrentDetails } from '@temporalio/workflow';
import type { CompletedJob } from '../contract/activities.js';
import { MAX_JOBS_PER_WINDOW } from '../contract/limits.js';
import { CANCELLED, type ExtractProgress, type WindowProgress, type WindowSummary } from '../contract/progress.js';
import { cut, escapeMarkdown } from '../text/clean.js';
import { count, days, plural, size } from '../text/format.js';
import { headline } from '../text/headline.js';
import { estimateSentence, totals, waitSentence } from '../text/progress.js';
import { utf8Bytes } from '../contract/utf8.js';

/** Rows of the table of windows: nobody reads more. */
const MAX_ROWS = 60;

/** Temporal takes 20 KB of details: this is the share of each. */
const MAX_BYTES = { table: 13_000, warnings: 5000 };

const MAX_CELL_CHARACTERS = 300;

/** What a window waits for that tells no wait: its own workflow has the very one, and telling its run too would double that history. */
const ORDINARY_WAIT = 'Marketo queues the job or writes its file; the workflow of the window tells which';

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
  const { current, warnings, estimate } = progress;
  // It stays as it is until the next message: nothing is counted down.
  const lines = [`**${escapeMarkdown(headline(progress, { zone: 'UTC' }))}**`, totals(progress)];
  if (progress.stage === 'waiting for retryWindow') {
    lines.push(
      'With the command line: `retry-window START`, such as `retry-window 2016-08-01`, or `cancel`. With this page: the signal `retryWindow` with the start of a failed window, or a cancellation.',
    );
  }
  if (estimate) lines.push(estimateSentence(estimate));
  if (current.length > 0) {
    const rows = fitting(current.slice(0, MAX_ROWS), row, MAX_BYTES.table);
    lines.push(
      [tableRow('window', 'stage', 'records', 'size', 'waits for, or why'), '|---|---|---:|---:|---|', ...rows].join(
        '\n',
      ),
    );
    if (current.length > rows.length) lines.push(`… and ${plural(current.length - rows.length, 'more window')}`);
  }
  lines.push(...fitting(warnings, (warning) => `⚠ ${cell(warning)}`, MAX_BYTES.warnings));
  return lines.join('\n\n');
}

/** Markdown of a window. */
export function windowDetails(progress: WindowProgress): string {
  const lines = [`**${progress.stage}** · ${days(progress)} · job ${progress.jobs} of at most ${MAX_JOBS_PER_WINDOW}`];
  if (progress.exportId !== undefined) lines.push(`Export job ${cell(progress.exportId)}`);
  if (progress.wait) lines.push(escapeMarkdown(waitSentence(progress.wait)));
  if (progress.records !== undefined) lines.push(`${plural(progress.records, 'record')}, ${size(progress.bytes ?? 0)}`);
  return lines.join('\n\n');
}

/** Records and size of a completed job, for the list of activities. */
export function exportSummary({ records, bytes = 0 }: CompletedJob): string {
  if (records === 0) return 'no records';
  return `${records === undefined ? 'an unknown number of records' : plural(records, 'record')}, ${size(bytes)}`;
}

function row({ state, records, bytes, wait, reason, ...window }: WindowSummary): string {
  const doing = wait ? waitSentence(wait) : state === 'exporting' ? ORDINARY_WAIT : '';
  const why = reason === CANCELLED ? '' : (reason ?? doing);
  return tableRow(
    days(window),
    reason === CANCELLED ? CANCELLED : state,
    records === undefined ? '' : count(records),
    bytes === undefined ? '' : size(bytes),
    cell(why),
  );
}

/** The Web UI puts no space between cells, and white space at their ends is cut off: after it comes a space of no width. */
const GAP = '\u2003\u200b';

function tableRow(...cells: readonly string[]): string {
  return `| ${cells.join(`${GAP} | `)} |`;
}

/** Text from outside, short enough for a cell or a line. */
function cell(text: string): string {
  return escapeMarkdown(cut(text, MAX_CELL_CHARACTERS));
}

/** Lines of the first of some things, as many as there is room for. No more are made: each message to a run makes them anew. */
function fitting<T>(things: readonly T[], lineOf: (thing: T) => string, maximumBytes: number): string[] {
  const lines: string[] = [];
  let bytes = 0;
  for (const thing of things) {
    const line = lineOf(thing);
    bytes += utf8Bytes(line);
    if (bytes > maximumBytes) break;
    lines.push(line);
  }
  return lines;
}

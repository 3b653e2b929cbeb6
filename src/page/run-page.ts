import type { ExtractProgress } from '../contract/progress.js';
import { html, type Html, type HtmlValue } from '../report/html.js';
import { figures, type Figure } from '../report/figures.js';
import { secondsTaken } from '../runs/listed-run.js';
import { describeOutcome, nextSteps, quoted, type Outcome } from '../runs/outcome.js';
import { isOpen, knownProgress, type Snapshot } from '../runs/snapshot.js';
import { joined, waiting } from '../runs/window-text.js';
import { oneLine } from '../text/clean.js';
import { count, duration, moment, plural, size } from '../text/format.js';
import type { Page } from './layout.js';
import { commandLines, bar, openHeadline, section, sentence, troubleBox } from './parts.js';
import { reportPath } from './paths.js';
import type { RunView } from './source.js';
import { windowTable } from './window-table.js';

/** Between two looks at an open run. */
const REFRESH_SECONDS = 5;

/** How a run is shown. */
export interface RunPageOptions {
  /** What stands before a command. */
  readonly command: string;
  /** Whether this page can show the report. */
  readonly hasReports: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One run: what it is doing or how it ended, then what that is made of. */
export function runPage(view: RunView, { command, hasReports, now }: RunPageOptions): Page {
  const { run, snapshot, outcome, webUi } = view;
  const open = isOpen(snapshot);
  const progress = knownProgress(snapshot);
  const destination = oneLine(destinationOf(view) ?? run.workflowId);
  const lines = outcome ? describeOutcome(outcome) : undefined;
  const headline = lines?.[0] ?? openHeadline(snapshot, now);
  const report = outcome?.status === 'completed' && hasReports ? reportPath(run) : undefined;
  return {
    title: `${destination.split('/').at(-1) ?? ''}: ${headline}`,
    said: lines?.[0] ?? openHeadline(snapshot),
    refreshSeconds: open ? REFRESH_SECONDS : 0,
    webUi,
    main: html`
      <nav aria-label="Where you are"><a href="/" id="all-runs">All runs</a></nav>
      <h1>${destination}</h1>
      <section aria-label="State">
        <p class="headline">${sentence(headline)}</p>
        ${outcome ? ended(outcome, lines?.slice(1) ?? [], report) : standing(progress, snapshot, now)}
      </section>
      ${figures(outcome?.status === 'completed' ? resultFigures(view, now) : progressFigures(view, progress, now))}
      ${warnings(progress)}
      ${
        progress && progress.current.length > 0 && !ofSuccess(outcome)
          ? section('Open and failed windows', windowTable(progress, snapshot, now))
          : undefined
      }
      ${section('What you can type', commandLines(commands(view, command)))}
      ${section('The run', details(view, progress))}
    `,
  };
}

function ofSuccess(outcome: Outcome | undefined): boolean {
  return outcome?.status === 'completed';
}

function destinationOf({ run, snapshot }: RunView): string | undefined {
  return snapshot.progress?.destination ?? run.destination;
}

function standing(progress: ExtractProgress | undefined, snapshot: Snapshot, now: number): HtmlValue {
  const { left, since, attempt } = waiting(progress?.wait, snapshot.activity, now);
  const more = progress?.wait && joined(progress.wait.until === undefined ? left : undefined, since, attempt);
  return [
    bar(progress),
    more === undefined || more === '' ? undefined : html`<p>${more}</p>`,
    troubleBox(snapshot.trouble),
  ];
}

function ended({ status }: Outcome, lines: readonly string[], report: string | undefined): HtmlValue {
  const link = report === undefined ? undefined : html`<p><a href="${report}" id="report">See the report</a></p>`;
  const list = html`<ul class="facts">
    ${lines.map((line) => html`<li>${line}</li> `)}
  </ul>`;
  if (lines.length === 0) return link;
  return [link, status === 'failed' ? html`<div class="trouble bad">${list}</div>` : list];
}

function resultFigures({ run, outcome }: RunView, now: number): Figure[] {
  if (outcome?.status !== 'completed') return [];
  const { leads, duplicates, windows, bytes } = outcome.result;
  return [
    ['Leads', count(leads)],
    ['Duplicates left out', count(duplicates)],
    ['Windows', count(windows)],
    ['Output', size(bytes)],
    ['Took', duration(secondsTaken(run, now))],
  ];
}

function progressFigures({ run }: RunView, progress: ExtractProgress | undefined, now: number): Figure[] {
  const time: Figure = [run.endedAt === undefined ? 'Open for' : 'Took', duration(secondsTaken(run, now))];
  if (!progress) return [time];
  const { windows, records, bytes, concurrency, estimate } = progress;
  return [
    ['Windows left', count(windows.total - windows.completed - windows['taken over'])],
    ...(windows.failed > 0 ? [['Windows failed', count(windows.failed)] as const] : []),
    ['Records', count(records)],
    ['Exported', size(bytes)],
    ...(estimate ? [['Left to export', `about ${size(estimate.bytesLeft)}`] as const] : []),
    ...(run.endedAt === undefined ? [['At once', plural(concurrency, 'job')] as const] : []),
    time,
  ];
}

function warnings(progress: ExtractProgress | undefined): Html | undefined {
  if (!progress || progress.warnings.length === 0) return undefined;
  return section(
    'Warnings',
    html`<ul class="warnings">
      ${progress.warnings.map((warning) => html`<li>${oneLine(warning)}</li> `)}
    </ul>`,
  );
}

function commands(view: RunView, command: string): string[] {
  const { run, outcome, snapshot } = view;
  const { workflowId } = run;
  const destination = destinationOf(view);
  if (outcome) return destination === undefined ? [] : nextSteps(outcome, { command, workflowId, destination });
  const type = (name: string): string => `  ${command} ${name} --workflow-id ${quoted(workflowId)}`;
  const failed = snapshot.progress?.current.find(({ state }) => state === 'failed');
  return [
    ...(failed ? ['Try a failed window again:', type(`retry-window ${failed.startAt}`)] : []),
    ...(snapshot.progress?.paused === true
      ? ['Let it go on:', type('resume')]
      : ['Let it start no new window:', type('pause')]),
    'End it; what is verified is kept:',
    type('cancel'),
  ];
}

function details({ run, snapshot, webUi }: RunView, progress: ExtractProgress | undefined): Html {
  const range = progress?.startAt !== undefined && progress.endAt !== undefined;
  const rows: readonly (readonly [string, HtmlValue])[] = [
    ['Started', moment(run.startedAt)],
    ...(run.endedAt === undefined ? [] : [['Ended', moment(run.endedAt)] as const]),
    ...(range ? [['Leads created', `${moment(progress.startAt)} to ${moment(progress.endAt)}`] as const] : []),
    ['Workflow', html`<code>${oneLine(run.workflowId)}</code>`],
    ['Run', html`<code>${run.runId}</code>`],
    ['Task queue', html`<code>${oneLine(snapshot.taskQueue)}</code>`],
    ...(webUi === undefined
      ? []
      : [['History', html`<a href="${webUi}" id="history">in the Temporal Web UI</a>`] as const]),
  ];
  return html`<dl class="details">
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd> `,
    )}
  </dl>`;
}

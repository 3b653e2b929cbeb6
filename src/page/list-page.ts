import { html, type Html } from '../report/html.js';
import { noRuns, secondsTaken, type ListedRun } from '../runs/listed-run.js';
import { knownProgress } from '../runs/snapshot.js';
import { oneLine } from '../text/clean.js';
import { count, duration, moment, plural } from '../text/format.js';
import { totals } from '../text/progress.js';
import type { Page } from './layout.js';
import { commandLines, bar, openHeadline, section, sentence, state, troubleBox } from './parts.js';
import { runPath } from './paths.js';
import type { Overview, OverviewRun } from './source.js';

/** Between two looks at the list. */
const REFRESH_SECONDS = 10;

/** The runs at a glance: what the open ones do, then the latest. @param now milliseconds since 1970 */
export function listPage({ runs, address, webUi }: Overview, command: string, now: number): Page {
  const open = runs.filter(({ snapshot }) => snapshot !== undefined);
  const page = { title: 'Extracts of leads', refreshSeconds: REFRESH_SECONDS, webUi };
  if (runs.length === 0) {
    const [sentence = '', ...more] = noRuns(address, command);
    return {
      ...page,
      said: sentence,
      main: html`${heading(sentence)}
        <section>${commandLines(more)}</section>`,
    };
  }
  const [only, ...others] = open;
  const alone = others.length === 0 ? only?.snapshot : undefined;
  const told = alone ? openHeadline(alone, now) : inAll(open, runs);
  const cards = open.map((run) => card(run, alone === undefined, now));
  return {
    ...page,
    title: `${open.length > 0 ? `${plural(open.length, 'open run')}: e` : 'E'}xtracts of leads`,
    said: [...(alone ? [] : [told]), ...open.map(({ snapshot }) => (snapshot ? openHeadline(snapshot) : ''))].join(' '),
    main: html`${heading(told)} ${open.length > 0 ? section('Now', cards) : undefined}
    ${section('Latest runs', table(runs, now))}`,
  };
}

function heading(text: string): Html {
  return html`<h1 class="headline">${sentence(text)}</h1>`;
}

function inAll(open: readonly OverviewRun[], [latest]: readonly OverviewRun[]): string {
  if (open.length > 0) return `${plural(open.length, 'run')} are open.`;
  if (latest?.endedAt === undefined) return 'No run is open.';
  const leads = latest.leads === undefined ? '' : ` with ${plural(latest.leads, 'lead')}`;
  const how = latest.status === 'COMPLETED' ? `completed${leads}` : `ended as ${latest.status.toLowerCase()}`;
  return `No run is open. The latest ${how}, ${moment(latest.endedAt)}.`;
}

/** @param whole with its headline, where that is not the page's */
function card(run: OverviewRun, whole: boolean, now: number): Html | undefined {
  const { snapshot } = run;
  if (!snapshot) return undefined;
  const progress = knownProgress(snapshot);
  return html`<article class="card">
    <h3><a href="${runPath(run)}" id="open-${run.runId}">${nameOf(run)}</a></h3>
    ${whole ? html`<p class="headline">${sentence(openHeadline(snapshot, now))}</p>` : undefined} ${bar(progress)}
    ${progress && html`<p class="quiet">${totals(progress)}</p>`} ${troubleBox(snapshot.trouble)}
  </article> `;
}

/** A table by its roles too, since narrow screens show its rows as blocks. */
function table(runs: readonly ListedRun[], now: number): Html {
  return html`<div class="scroll">
    <table role="table" aria-label="Latest runs">
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader" class="text">Destination</th>
          <th scope="col" role="columnheader" class="text">State</th>
          <th scope="col" role="columnheader">Leads</th>
          <th scope="col" role="columnheader">Started</th>
          <th scope="col" role="columnheader">Time</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${runs.map((run) => row(run, now))}
      </tbody>
    </table>
  </div>`;
}

function row(run: ListedRun, now: number): Html {
  const { runId, mode, leads, startedAt, endedAt } = run;
  const took = duration(secondsTaken(run, now));
  return html`<tr role="row">
    <th scope="row" role="rowheader" class="text">
      <a href="${runPath(run)}" id="run-${runId}">${nameOf(run)}</a>${mode === 'update' ? ' (update)' : undefined}
    </th>
    <td role="cell" class="text">${state(run)}</td>
    <td role="cell" data-label="Leads">${leads === undefined ? '–' : count(leads)}</td>
    <td role="cell" data-label="Started">${moment(startedAt)}</td>
    <td role="cell" data-label="Time">${endedAt === undefined ? `${took} so far` : took}</td>
  </tr> `;
}

function nameOf({ destination, workflowId }: ListedRun): string {
  return oneLine(destination ?? workflowId);
}

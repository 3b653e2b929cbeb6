import { changesSentence } from '../text/mode.js';
import { DAILY_EXPORT_QUOTA_BYTES } from '../contract/limits.js';
import type { Manifest } from '../contract/manifest.js';
import { columnTypes } from './column-types.js';
import { leadsChart, quotaChart, timelineChart } from './charts.js';
import { elapsed, exportedOf, quotaDays, showsQuota, spansOf, spent } from './facts.js';
import { count, duration, moment, plural, size } from '../text/format.js';
import { figures, type Figure } from './figures.js';
import { html, type Html, type HtmlValue } from './html.js';
import { STYLE } from './style.js';
import { WIDTHS } from './widths.js';
import { windowTable } from './window-table.js';

/**
 * A run as one page for people, from its manifest alone: nothing is fetched by it, no script is in it, and nothing of any
 * lead. Pure: the same manifest gives the same page.
 */
export function renderReport(manifest: Manifest): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="marketo-lead-extract" />
        <title>Leads of ${manifest.instance}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <main>
          <h1>Leads of ${manifest.instance}</h1>
          <p>${summary(manifest)}</p>
          ${atAGlance(manifest)} ${warnings(manifest)} ${section('Leads', leads(manifest))}
          ${section('Where the time went', timeline(manifest))} ${section('Export quota', quota(manifest))}
          ${section('Columns', columnTypes(manifest))} ${section('Checks', checks(manifest))}
          ${section('The run', details(manifest))} ${section('Windows', table(manifest))}
        </main>
      </body>
    </html> `.text;
}

/** Whether something holds, and what it is. */
type Check = readonly [holds: boolean, what: HtmlValue];

const STAGES = [
  ['queue', 'in the queue'],
  ['processing', 'processing'],
  ['transfer', 'transfer and checks'],
] as const;

function section(title: string, content: Html): Html {
  return html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;
}

function atAGlance(manifest: Manifest): Html {
  const { leads, duplicates, mended, windows, bytes, columns } = manifest;
  const list: readonly Figure[] = [
    ['Leads', count(leads)],
    ['Duplicates left out', count(duplicates)],
    ['Rows quoted anew', count(mended)],
    ['Windows', count(windows.length)],
    ['Fields', count(columns.length)],
    ['Output', size(bytes)],
  ];
  return figures(list);
}

function warnings({ warnings: given, lostCreates }: Manifest): Html | undefined {
  const lost =
    lostCreates === 0
      ? []
      : [
          `The answers to ${plural(lostCreates, 'create')} of a job were lost. Marketo may hold as many jobs that were never enqueued: they take no place in the queue and no quota.`,
        ];
  const all = [...given, ...lost];
  if (all.length === 0) return undefined;
  return html`<ul class="warnings">
    ${all.map((warning) => html`<li>${warning}</li> `)}
  </ul>`;
}

/** The run in a plain sentence. */
function summary(manifest: Manifest): string {
  const { leads, startAt, endAt, publishedAt, changes } = manifest;
  const took = elapsed(manifest);
  return (
    `Complete: ${plural(leads, 'lead')} created from ${moment(startAt)} to ${moment(endAt)}. ` +
    (changes ? `Kept current: ${changesSentence(changes)}. ` : '') +
    `Published ${moment(publishedAt)}${took === undefined ? '' : `, ${duration(took / 1000)} after the first job`}.`
  );
}

function leads({ windows, leads: all, mode }: Manifest): Html {
  if (all === 0) return html`<p>No lead was created in this time.</p>`;
  const what = mode === 'update' ? 'Leads that this run exported' : 'Leads in the output';
  return chart(`${what}, by window; each window begins in the month below it.`, (width) => leadsChart(windows, width));
}

function timeline({ windows }: Manifest): Html {
  if (windows.flatMap(spansOf).length === 0) return html`<p>Marketo told no times of the jobs.</p>`;
  const legend = STAGES.map(
    ([stage, name]) =>
      html`<span class="entry"
        ><span class="key ${stage}"></span>${name}: ${duration(spent(windows, stage) / 1000)}</span
      > `,
  );
  return chart(html`One row for each window, times in UTC; in all ${legend}`, (width) => timelineChart(windows, width));
}

function quota({ windows }: Manifest): Html {
  const days = quotaDays(windows);
  if (days.length === 0) return html`<p>Nothing was exported: no window holds a lead.</p>`;
  return chart(
    `Bytes that this run exported on ${plural(days.length, 'day')}, from midnight to midnight Central; ` +
      `${showsQuota(days) ? 'the dashed line is the default quota of' : 'the default quota is'} ${size(DAILY_EXPORT_QUOTA_BYTES)} a day. ` +
      'The exports of other integrations count against the same quota and are not in it.',
    (width) => quotaChart(windows, width),
  );
}

/** Each chart is drawn twice, for wide and narrow screens: shrunk text would be too small to read. */
function chart(caption: Html | string, draw: (width: number) => Html): Html {
  return html`<figure>
    <figcaption>${caption}</figcaption>
    <div class="wide" aria-hidden="true">${draw(WIDTHS.wide)}</div>
    <div class="narrow" aria-hidden="true">${draw(WIDTHS.narrow)}</div>
  </figure>`;
}

/** Whether each record is a lead of the output, or was left out for a reason. */
function recordsAddUp({ duplicates, ...manifest }: Manifest): Check {
  const { records, leads, gone } = exportedOf(manifest);
  const parts = [
    plural(leads, 'lead'),
    plural(duplicates, 'duplicate'),
    ...(gone === 0 ? [] : [`${count(gone)} of leads that were deleted or merged away meanwhile`]),
  ];
  const what = `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
  return [leads + duplicates + gone === records, `${plural(records, 'record')} are ${what}.`];
}

/** Whether the output has the leads that were exported and, of an update, those of its base that are as they were. */
function leadsAddUp({ leads, base, changes, ...manifest }: Manifest): Check {
  const exported = exportedOf(manifest).leads;
  const kept = base && changes ? base.leads - changes.updated - changes.gone : 0;
  const what = base
    ? `${plural(exported, 'lead')} of this run and ${count(kept)} of the ${count(base.leads)} that were there are the ${count(leads)} of the output`
    : `${plural(exported, 'lead')} of the windows are the ${count(leads)} of the output`;
  return [leads === exported + kept, `${what}: every id is in it once.`];
}

/** What the manifest vouches for; sums are made again, so that a manifest that was tampered with shows. */
function checks(manifest: Manifest): Html {
  const { windows, mended, crc32, format, uncast } = manifest;
  const files = windows.filter(({ bytes }) => bytes > 0);
  const { records } = exportedOf(manifest);
  const list: readonly Check[] = [
    [
      files.every(({ sha256 }) => sha256 !== undefined),
      `SHA-256 and size of ${plural(files.length, 'file')} are those that Marketo told.`,
    ],
    [true, `${plural(records, 'record')} counted, file by file, as Marketo tells of each job.`],
    recordsAddUp(manifest),
    leadsAddUp(manifest),
    [
      files.every(({ bodyCrc32 }) => bodyCrc32 !== undefined),
      format !== 'csv'
        ? html`The files had the CRC-32 that was verified when they were
            ${format === 'gzip' ? 'compressed' : 'converted to Parquet'}; that of the output, <code>${crc32}</code>, is
            what S3 reports.`
        : html`The CRC-32 of the output, <code>${crc32}</code>, is what those of the files
            ${mended > 0 ? 'and of the rows that were quoted anew' : ''} combine to, and what S3 reports.`,
    ],
    ...(uncast ? [[true, readBack(uncast)] as const] : []),
  ];
  return html`<ul class="checks">
    ${list.map(([passed, text]) => html`<li${passed ? undefined : WRONG}>${text}</li> `)}
  </ul>`;
}

/** What reading a Parquet file back has shown. */
function readBack(uncast: Readonly<Record<string, number>>): string {
  const columns = Object.entries(uncast).map(([column, values]) => `${column} (${count(values)})`);
  const kept =
    columns.length > 0
      ? `Values that are not of their column’s type are text in the column _uncast: ${columns.join(', ')}.`
      : 'Every value is of its column’s type.';
  return `Rows and ids were read back from the Parquet file. ${kept}`;
}

const WRONG = html` class="wrong"`;

/** What a full run found of the output that it went over. */
function reconciliation({ reconciled }: Manifest): readonly (readonly [string, HtmlValue])[] {
  if (!reconciled) return [];
  const { leads, appeared, disappeared, fieldsAdded, fieldsRemoved, fieldsRetyped } = reconciled;
  const fields = (what: string, names: readonly string[]): string =>
    names.length === 0 ? '' : ` Fields ${what}: ${names.join(', ')}.`;
  return [
    [
      'Against the output before',
      `Of its ${plural(leads, 'lead')} ${count(disappeared)} disappeared; ${count(appeared)} of its time appeared.` +
        fields('that are new', fieldsAdded) +
        fields('that are gone', fieldsRemoved) +
        fields('of another type', fieldsRetyped),
    ],
  ];
}

function details(manifest: Manifest): Html {
  const rows: readonly (readonly [string, HtmlValue])[] = [
    ['Output', code(manifest.destination)],
    ['Published', moment(manifest.publishedAt)],
    ['ETag', code(manifest.etag)],
    ['Workflow', code(manifest.workflowId)],
    ['Run', code(manifest.runId)],
    ['Quoting', code(manifest.quoting)],
    ['Window overlap', `${count(manifest.windowOverlapSeconds)} s`],
    ...reconciliation(manifest),
    ...(manifest.keptChanges ? [['Changes', code(manifest.keptChanges.csv)] as const] : []),
    [
      'Fields',
      html`<details>
        <summary>${count(manifest.columns.length)}</summary>
        ${manifest.columns.map(({ name }) => name).join(', ')}
      </details>`,
    ],
  ];
  return html`<dl class="details">
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd> `,
    )}
  </dl>`;
}

function code(text: string): Html {
  return html`<code>${text}</code>`;
}

function table({ windows }: Manifest): Html {
  const note = windows.some(({ takenOver }) => takenOver)
    ? html`<p class="quiet">* Exported and verified by an earlier run that failed later.</p>`
    : undefined;
  return html`${windowTable(windows)}${note}`;
}

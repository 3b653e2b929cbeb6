import type { Column } from '../contract/columns.js';
import { defined } from '../contract/defined.js';
import type { Quoting } from '../contract/quoting.js';
import { formatOf } from '../contract/format.js';
import type { Manifest, ManifestWindow } from '../contract/manifest.js';
import { windowName } from '../contract/windows.js';
import type { LineEnd } from '../csv/header.js';
import type { BaseRecord, PlanRecord } from '../plan/plan-record.js';
import type { BaseCsv } from './base-csv.js';
import type { Contribution } from './deduplicate.js';
import type { KeptChanges } from './changes.js';
import type { GoneRecord } from './gone-record.js';
import { reconciledWarnings } from './reconcile.js';
import { rowsInOrder, type Merged } from './merge-all.js';
import type { MergeContext } from './merge-context.js';
import type { OutputIds } from './output-ids.js';
import type { PublishedObject } from './publish.js';

/** A published output, and what it was made of. */
export interface MadeOutput {
  readonly plan: PlanRecord;
  readonly merged: Merged;
  /** What is known of leads that were deleted or merged away. */
  readonly gone: GoneRecord | undefined;
  readonly object: PublishedObject;
}

/** What a manifest tells that is known once the output is there. */
interface Told {
  readonly columns: readonly Column[];
  readonly uncast: Manifest['uncast'];
  readonly ids: OutputIds;
  readonly baseCsv: BaseCsv | undefined;
  readonly keptChanges: KeptChanges | undefined;
}

/** The manifest of a published output. */
export function manifestOf(
  { workflowId, runId, destination, lostCreates, warnings, takenOver }: MergeContext,
  { plan, merged, gone, object: { bytes, etag, crc32 } }: MadeOutput,
  { columns, uncast, ids, baseCsv, keptChanges }: Told,
): Manifest {
  const { instance, mode, fullBecause, base, startAt, endAt, windowOverlapSeconds, quoting } = plan;
  const format = formatOf(destination);
  const { contributions, changes, reconciled } = merged;
  const rows = rowsInOrder(merged);
  return {
    version: 2,
    workflowId,
    runId,
    instance,
    startAt: base?.startAt ?? startAt,
    endAt,
    mode,
    ...defined({
      fullBecause,
      base: base && baseOf(base),
      changes,
      keptChanges,
      reconciled,
      goneUntil: gone?.whole === true ? gone.until : undefined,
    }),
    ...(hasOddQuotes(quoting, rows) && { oddQuotes: true as const }),
    windowOverlapSeconds,
    format,
    columns: columns.map(({ name, dataType, type }) => ({ name, dataType, type })),
    ...(format === 'parquet' && { uncast: uncast ?? {} }),
    destination,
    quoting,
    leads: rows.reduce((sum, { leads }) => sum + leads, 0),
    duplicates: contributions.reduce((sum, { duplicates }) => sum + duplicates, 0),
    mended: contributions.reduce((sum, { mended }) => sum + mended, 0),
    bytes,
    etag,
    crc32: hex(crc32),
    ids,
    ...defined({ baseCsv: baseCsv && { ...baseCsv, crc32: hex(baseCsv.crc32) } }),
    publishedAt: new Date().toISOString(),
    lostCreates,
    warnings: [
      ...new Set([
        ...warnings,
        ...(reconciled ? reconciledWarnings(reconciled) : []),
        ...contributions.flatMap(({ record }) => record.warnings),
        ...lineEndWarnings(rows),
      ]),
    ],
    windows: contributions
      .toSorted((one, other) => (windowName(one.record) < windowName(other.record) ? -1 : 1))
      .map((contribution) => manifestWindow(contribution, new Set(takenOver))),
  };
}

function baseOf({ workflowId, runId, etag, endAt, leads }: BaseRecord): Manifest['base'] {
  return { workflowId, runId, etag, endAt, leads };
}

function manifestWindow(
  { record, leads, duplicates, gone, mended }: Contribution,
  takenOver: ReadonlySet<string>,
): ManifestWindow {
  const { startAt, endAt, updated, exportId, records, part, queuedAt, startedAt, finishedAt, verifiedAt } = record;
  return {
    startAt,
    endAt,
    ...defined({ updated }),
    exportId,
    records,
    leads,
    duplicates,
    ...defined({ gone: gone > 0 ? gone : undefined }),
    mended,
    bytes: part?.bytes ?? 0,
    ...defined({ sha256: part?.sha256, bodyCrc32: part && hex(part.bodyCrc32), queuedAt, startedAt, finishedAt }),
    verifiedAt,
    takenOver: takenOver.has(windowName(record)),
  };
}

function hasOddQuotes(quoting: Quoting, rows: readonly Contribution[]): boolean {
  if (quoting !== 'asIs') return false;
  return rows.some(({ record: { part } }) => part && part.unreadableRecords > 0 && part.quoteRule !== 'tolerant');
}

/** A sentence for each file whose rows end otherwise than the output's do. */
function lineEndWarnings(contributions: readonly Contribution[]): string[] {
  const files = contributions.flatMap(({ record: { startAt, part } }) => (part ? [{ startAt, ...part }] : []));
  const lineEnd = files[0]?.lineEnd;
  return files
    .filter((file) => file.lineEnd !== lineEnd)
    .map(
      (file) =>
        `The lines of the window ${file.startAt} end with ${NAMES[file.lineEnd]} in its file; ` +
        `in the output they end as those of the first window do`,
    );
}

const NAMES: Readonly<Record<LineEnd, string>> = { '\n': 'LF', '\r\n': 'CRLF' };

/** A CRC-32 as 8 hex digits. */
function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

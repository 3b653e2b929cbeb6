import { sha256 } from '../bytes/sha256.js';
import type { LineEnd } from '../csv/header.js';
import { IdSet } from '../csv/id-set.js';
import type { CommitRecord, CommittedPart } from '../parts/commit-record.js';
import { partNames } from '../parts/output-names.js';
import type { PlanRecord } from '../plan/plan-record.js';
import type { CheckedSource } from '../storage/compose.js';
import { getBytes } from '../storage/objects.js';
import { filterPart } from './filter-part.js';
import type { Counts } from './first-times.js';
import { mendPart } from './mend-part.js';
import { mergeMismatch } from './merge-context.js';
import type { PartContext } from './read-part.js';

/** What one window adds to the output. */
export interface Contribution {
  readonly record: CommitRecord;
  /** Rows in the output. */
  readonly leads: number;
  /** Rows left out since their id had come before. */
  readonly duplicates: number;
  /** Leads left out since they were deleted or merged away. */
  readonly gone: number;
  /** Rows in the output that were quoted anew. */
  readonly mended: number;
  /** Where those rows lie, in order; none where there are no rows. */
  readonly sources: readonly CheckedSource[];
}

/** How rows are written: as the plan says, with the line end of the output, which is else that of the first part. */
export type Style = Pick<PlanRecord, 'quoting'> & { readonly lineEnd?: LineEnd };

/** Ids that decide over rows. */
export interface Ids {
  /** Ids that came before, whose rows are left out; afterwards those of all windows too, and none that is gone. */
  readonly seen: IdSet;
  /** Ids of leads that were deleted or merged away, whose rows are left out everywhere. */
  readonly gone: IdSet;
}

/**
 * Decides what each window adds so that every id comes once, the first window winning. Only the id sets are read, and
 * the parts that repeat an id. Unless the plan says `asIs`, parts are read too that have rows which readers of RFC 4180 cannot
 * read, or another line end than the first part.
 *
 * Memory: one set with all ids and one of a window at a time.
 *
 * @throws RunFailure `MergeMismatch` if a set is not the one that was committed, or other rows are dropped or mended than
 * foretold
 */
export async function deduplicate(
  context: PartContext,
  { quoting, lineEnd: wanted }: Style,
  records: readonly CommitRecord[],
  { seen, gone }: Ids,
): Promise<Contribution[]> {
  const first = records.find(({ part }) => part)?.part;
  const lineEnd = quoting === 'asIs' ? undefined : (wanted ?? first?.lineEnd);
  seen.addAll(gone);
  const contributions: Contribution[] = [];
  for (const record of records) {
    context.signal.throwIfAborted();
    contributions.push(await contributionOf(context, record, { seen, gone }, lineEnd));
  }
  seen.removeAll(gone);
  return contributions;
}

/**
 * What a window adds to what was seen before; its ids are seen afterwards.
 *
 * @param lineEnd of the output; none if all is to be left as it is
 */
async function contributionOf(
  context: PartContext,
  record: CommitRecord,
  { seen, gone }: Ids,
  lineEnd: LineEnd | undefined,
): Promise<Contribution> {
  const { part } = record;
  if (!part) return { record, leads: 0, duplicates: 0, gone: 0, mended: 0, sources: [] };
  const ids = await readIds(context, record, part);
  try {
    const goneHere = gone.intersectionCardinality(ids);
    const dropped = seen.intersectionCardinality(ids) + part.duplicatesInside;
    const leads = record.records - dropped;
    const foretold = { kept: leads, dropped };
    const rows = await rowsOf(context, record, part, seen, foretold, lineEnd);
    seen.addAll(ids);
    return { record, leads, duplicates: dropped - goneHere, gone: goneHere, ...rows };
  } finally {
    ids.dispose();
  }
}

async function rowsOf(
  context: PartContext,
  record: CommitRecord,
  part: CommittedPart,
  seen: IdSet,
  foretold: Counts,
  lineEnd: LineEnd | undefined,
): Promise<Pick<Contribution, 'sources' | 'mended'>> {
  const { key, etag, bodyStart, partBytes, bodyCrc32 } = part;
  const { rows } = partNames(context.run, record, record.exportId);
  if (foretold.kept === 0) return { sources: [], mended: 0 };
  if (lineEnd !== undefined && (part.unreadableRecords > 0 || part.lineEnd !== lineEnd)) {
    const { source, mended } = await mendPart(context, part, rows, { seen, foretold, lineEnd });
    return { sources: [source], mended };
  }
  if (foretold.dropped === 0 && part.emptyLines === 0) {
    return { sources: [{ key, etag, start: bodyStart, end: partBytes, crc32: bodyCrc32 }], mended: 0 };
  }
  return { sources: await filterPart(context, part, rows, seen, foretold), mended: 0 };
}

/** The id set of a part. @throws RunFailure `MergeMismatch` if it is not the one that was committed */
async function readIds({ store, run }: PartContext, { startAt }: CommitRecord, part: CommittedPart): Promise<IdSet> {
  const bytes = await getBytes(store, { bucket: run.bucket, key: part.idsKey });
  if (!bytes || sha256(bytes) !== part.idsSha256) {
    throw mergeMismatch(`The id set of the window ${startAt} is not the one that was committed`);
  }
  const ids = IdSet.deserialize(bytes);
  if (ids.cardinality === part.cardinality) return ids;
  ids.dispose();
  throw mergeMismatch(`The id set of the window ${startAt} does not hold as many ids as its commit record says`);
}

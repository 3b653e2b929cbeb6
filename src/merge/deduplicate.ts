import { sha256 } from '../bytes/sha256.js';
import { IdSet } from '../csv/id-set.js';
import type { CommitRecord, CommittedPart } from '../parts/commit-record.js';
import { partNames } from '../parts/output-names.js';
import type { CheckedSource } from '../storage/compose.js';
import { getBytes } from '../storage/objects.js';
import { filterPart } from './filter-part.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';

/** What one window adds to the output. */
export interface Contribution {
  readonly record: CommitRecord;
  /** Rows in the output. */
  readonly leads: number;
  /** Rows left out. */
  readonly duplicates: number;
  /** Where those rows lie, in order; none where there are no rows. */
  readonly sources: readonly CheckedSource[];
}

/**
 * Decides what each window adds so that every id comes once, the first window winning. Only the id sets are read, and
 * the parts that repeat an id.
 *
 * Memory: one set with all ids and one of a window at a time.
 *
 * @param seen ids whose rows are left out everywhere; the ids of all windows are among them afterwards
 * @throws RunFailure `MergeMismatch` if a set is not the one that was committed, or filtering drops other rows than the sets
 * foretell
 */
export async function deduplicate(
  context: Pick<MergeContext, 'store' | 'run' | 'signal'>,
  records: readonly CommitRecord[],
  seen: IdSet,
): Promise<Contribution[]> {
  const contributions: Contribution[] = [];
  for (const record of records) {
    context.signal.throwIfAborted();
    contributions.push(await contributionOf(context, record, seen));
  }
  return contributions;
}

/** What a window adds to what was seen before; its ids are seen afterwards. */
async function contributionOf(
  context: Pick<MergeContext, 'store' | 'run' | 'signal'>,
  record: CommitRecord,
  seen: IdSet,
): Promise<Contribution> {
  const { part } = record;
  if (!part) return { record, leads: 0, duplicates: 0, sources: [] };
  const ids = await readIds(context, record, part);
  try {
    const duplicates = seen.intersectionCardinality(ids) + part.duplicatesInside;
    const leads = record.records - duplicates;
    const sources = await sourcesOf(context, record, part, seen, { kept: leads, dropped: duplicates });
    seen.addAll(ids);
    return { record, leads, duplicates, sources };
  } finally {
    ids.dispose();
  }
}

async function sourcesOf(
  context: Pick<MergeContext, 'store' | 'run' | 'signal'>,
  record: CommitRecord,
  part: CommittedPart,
  seen: IdSet,
  foretold: { readonly kept: number; readonly dropped: number },
): Promise<CheckedSource[]> {
  if (foretold.kept === 0) return [];
  if (foretold.dropped === 0 && part.emptyLines === 0) {
    return [{ key: part.key, etag: part.etag, start: part.bodyStart, end: part.partBytes, crc32: part.bodyCrc32 }];
  }
  return filterPart(context, part, partNames(context.run, record, record.exportId).unique, seen, foretold);
}

/** The id set of a part. @throws RunFailure `MergeMismatch` if it is not the one that was committed */
export async function readIds(
  { store, run }: Pick<MergeContext, 'store' | 'run'>,
  { startAt }: CommitRecord,
  part: CommittedPart,
): Promise<IdSet> {
  const bytes = await getBytes(store, { bucket: run.bucket, key: part.idsKey });
  if (!bytes || sha256(bytes) !== part.idsSha256) {
    throw mergeMismatch(`The id set of the window ${startAt} is not the one that was committed`);
  }
  const ids = IdSet.deserialize(bytes);
  if (ids.cardinality === part.cardinality) return ids;
  ids.dispose();
  throw mergeMismatch(`The id set of the window ${startAt} does not hold as many ids as its commit record says`);
}

import { IdSet } from '../csv/id-set.js';
import type { CommitRecord, CommittedPart } from '../parts/commit-record.js';
import { partNames, type RunNames } from '../parts/output-names.js';
import { sha256 } from '../plan/plan-record.js';
import type { CheckedSource } from '../storage/compose.js';
import { getBytes } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import { filterPart } from './filter-part.js';
import { MergeMismatchError } from './errors.js';

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
 * @throws MergeMismatchError if a set is not the one that was committed, or filtering drops other rows than the sets foretell
 */
export async function deduplicate(
  store: ObjectStore,
  run: RunNames,
  records: readonly CommitRecord[],
  signal: AbortSignal,
): Promise<Contribution[]> {
  const seen = new IdSet();
  const contributions: Contribution[] = [];
  try {
    for (const record of records) {
      signal.throwIfAborted();
      const { part } = record;
      if (!part) {
        contributions.push({ record, leads: 0, duplicates: 0, sources: [] });
        continue;
      }
      const ids = await readIds(store, run, record, part);
      try {
        const duplicates = seen.intersectionCardinality(ids) + part.duplicatesInside;
        const leads = record.records - duplicates;
        contributions.push({ record, leads, duplicates, sources: await sourcesOf(record, part, leads, duplicates) });
        seen.addAll(ids);
      } finally {
        ids.dispose();
      }
    }
  } finally {
    seen.dispose();
  }
  return contributions;

  async function sourcesOf(
    record: CommitRecord,
    part: CommittedPart,
    leads: number,
    duplicates: number,
  ): Promise<CheckedSource[]> {
    if (leads === 0) return [];
    if (duplicates === 0) {
      return [{ key: part.key, etag: part.etag, start: part.headerBytes, end: part.bytes, crc32: part.bodyCrc32 }];
    }
    const target = partNames(run, record, record.exportId).unique;
    return filterPart(store, run.bucket, part, target, seen, { kept: leads, dropped: duplicates }, signal);
  }
}

async function readIds(
  store: ObjectStore,
  run: RunNames,
  { startAt }: CommitRecord,
  part: CommittedPart,
): Promise<IdSet> {
  const bytes = await getBytes(store, { bucket: run.bucket, key: part.idsKey });
  if (!bytes || sha256(bytes) !== part.idsSha256) {
    throw new MergeMismatchError(`The id set of the window ${startAt} is not the one that was committed`);
  }
  const ids = IdSet.deserialize(bytes);
  if (ids.cardinality === part.cardinality) return ids;
  ids.dispose();
  throw new MergeMismatchError(
    `The id set of the window ${startAt} does not hold as many ids as its commit record says`,
  );
}

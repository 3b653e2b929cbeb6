import type { IdSet } from '../csv/id-set.js';
import type { CommitRecord } from '../parts/commit-record.js';
import { deduplicate, readIds, type Contribution } from './deduplicate.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';

/** What an update did to its base. */
export interface Changes {
  /** Leads that the base did not have. */
  readonly created: number;
  /** Leads of the base whose row was exported anew. */
  readonly updated: number;
  /** Leads of the base that are gone. */
  readonly gone: number;
}

/** An output kept current: what each part and the base add to it. */
export interface Update {
  /** In the order of the output: the parts, the one exported last first, then the base. */
  readonly contributions: readonly Contribution[];
  readonly changes: Changes;
}

/**
 * Decides what of the changed leads' parts and of the base makes the new output: of each lead the row that was exported last,
 * the base's being the oldest, and none of a lead that is gone. So leads = base − (base ∩ (delta ∪ gone)) + (delta − gone),
 * and the rows that are found must be as many as the id sets foretell.
 *
 * Memory: three sets of all ids, and one of a part at a time.
 *
 * @param base the earlier output as a part, see `baseRecord`
 * @param delta the parts that the update exported, in any order
 * @param gone ids of leads that were deleted or merged away
 * @param ids empty; the ids of the output afterwards
 * @throws RunFailure `MergeMismatch` if a set is not the one that was committed, if rows are other than the sets foretell, or if
 * the columns of base and parts differ
 */
export async function mergeUpdate(
  context: Pick<MergeContext, 'store' | 'run' | 'signal'>,
  { base, delta, gone }: { readonly base: CommitRecord; readonly delta: readonly CommitRecord[]; readonly gone: IdSet },
  ids: IdSet,
): Promise<Update> {
  checkHeaders(base, delta);
  const goneFromBase = await countGone(context, base, gone);
  ids.addAll(gone);
  const changed = await deduplicate(context, exportedLastFirst(delta), ids);
  const [kept] = await deduplicate(context, [base], ids);
  ids.removeAll(gone);
  const contributions = [...changed, ...(kept ? [kept] : [])];
  const fresh = changed.reduce((sum, { leads }) => sum + leads, 0);
  const leads = fresh + (kept?.leads ?? 0);
  if (ids.cardinality !== leads) throw mergeMismatch(`The update would have ${leads} rows of ${ids.cardinality} leads`);
  const updated = (kept?.duplicates ?? 0) - goneFromBase;
  return { contributions, changes: { created: fresh - updated, updated, gone: goneFromBase } };
}

/**
 * Parts by when their leads were read, the latest first: Marketo reads them at some time of a job's processing. Where it does
 * not tell when that began, when the file was verified stands in.
 */
function exportedLastFirst(delta: readonly CommitRecord[]): CommitRecord[] {
  const readAt = ({ startedAt, verifiedAt }: CommitRecord): number => Date.parse(startedAt ?? verifiedAt);
  return delta.toSorted((one, other) => readAt(other) - readAt(one));
}

async function countGone(
  context: Pick<MergeContext, 'store' | 'run'>,
  base: CommitRecord,
  gone: IdSet,
): Promise<number> {
  if (!base.part) return 0;
  const ids = await readIds(context, base, base.part);
  const count = ids.intersectionCardinality(gone);
  ids.dispose();
  return count;
}

/** Rows are put together as they are, so their columns must be the same, in the same order. */
function checkHeaders(base: CommitRecord, delta: readonly CommitRecord[]): void {
  const odd = delta.find(({ part }) => part && part.headerSha256 !== base.part?.headerSha256);
  if (odd) throw mergeMismatch(`The header of the window ${odd.startAt} differs from that of the output that is there`);
}

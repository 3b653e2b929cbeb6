import type { Changes } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import type { Quoting } from '../contract/quoting.js';
import type { IdSet } from '../csv/id-set.js';
import type { CommitRecord, CommittedPart } from '../parts/commit-record.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { deduplicate, type Contribution } from './deduplicate.js';
import { mergeMismatch } from './merge-context.js';
import type { PartContext } from './read-part.js';

/** An output kept current: what each part and the base add to it. */
export interface Update {
  /** What stays of the base. */
  readonly base: Contribution;
  /** What the parts add, the one exported last first. */
  readonly changed: readonly Contribution[];
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
  context: PartContext,
  { quoting }: Pick<PlanRecord, 'quoting'>,
  { base, delta, gone }: { readonly base: CommitRecord; readonly delta: readonly CommitRecord[]; readonly gone: IdSet },
  ids: IdSet,
): Promise<Update> {
  checkHeaders(quoting, base, delta);
  const style = { quoting, ...defined({ lineEnd: base.part?.lineEnd }) };
  const changed = await deduplicate(context, style, exportedLastFirst(delta), { seen: ids, gone });
  const [kept] = await deduplicate(context, style, [base], { seen: ids, gone });
  if (!kept) throw new RangeError('The base is no part');
  const fresh = changed.reduce((sum, { leads }) => sum + leads, 0);
  const leads = fresh + kept.leads;
  if (ids.cardinality !== leads) throw mergeMismatch(`The update would have ${leads} rows of ${ids.cardinality} leads`);
  const { duplicates: updated, gone: goneFromBase } = kept;
  return { base: kept, changed, changes: { created: fresh - updated, updated, gone: goneFromBase } };
}

/**
 * Parts by when their leads were read, the latest first: Marketo reads them at some time of a job's processing. Where it does
 * not tell when that began, when the file was verified stands in.
 */
function exportedLastFirst(delta: readonly CommitRecord[]): CommitRecord[] {
  const readAt = ({ startedAt, verifiedAt }: CommitRecord): number => Date.parse(startedAt ?? verifiedAt);
  return delta.toSorted((one, other) => readAt(other) - readAt(one));
}

/**
 * Rows are put together as they are, so their columns must be the same, in the same order; with `asIs` headers must be equal byte
 * for byte.
 */
function checkHeaders(quoting: Quoting, base: CommitRecord, delta: readonly CommitRecord[]): void {
  const odd = delta.find(({ part }) => part && !isAlike(quoting, part, base.part));
  if (odd) throw mergeMismatch(`The header of the window ${odd.startAt} differs from that of the output that is there`);
}

function isAlike(quoting: Quoting, part: CommittedPart, base: CommittedPart | undefined): boolean {
  if (quoting === 'asIs') return part.headerSha256 === base?.headerSha256;
  return !part.columns || part.columns.join() === base?.columns?.join();
}

import type { Changes } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import type { Reconciled } from '../contract/manifest.js';
import { IdSet } from '../csv/id-set.js';
import type { CommitRecord } from '../parts/commit-record.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { headObject } from '../storage/objects.js';
import { baseRecord } from './base.js';
import { collectParts } from './collect-parts.js';
import { deduplicate, type Contribution } from './deduplicate.js';
import type { Gone } from './gone-record.js';
import { readManifest } from './manifest-file.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';
import { mergeUpdate } from './merge-update.js';
import { outputColumns } from './output-columns.js';
import { appearedIn, readBefore, readReconciled, reconcile, splitAt, writeReconciled } from './reconcile.js';

/** What an output is made of. */
export interface Merged {
  /** Of an update: what stays of its base, whose rows come first. */
  readonly base?: Contribution;
  /** What the windows add, in the order of the rows. */
  readonly contributions: readonly Contribution[];
  /** Of an update. */
  readonly changes?: Changes;
  /** Of a full run over an earlier output. */
  readonly reconciled?: Reconciled;
  /** Ids of all leads of the output. */
  readonly ids: IdSet;
}

/** All that adds rows, in the order of the output. */
export function rowsInOrder({ base, contributions }: Omit<Merged, 'ids'>): readonly Contribution[] {
  return base ? [base, ...contributions] : contributions;
}

/**
 * Decides what the output is made of, by the ids: of all windows, or in an update of the windows and the base.
 *
 * @param gone leads that were deleted or merged away, as far as they are known
 * @throws RunFailure `MergeMismatch`
 */
export async function mergeAll(context: MergeContext, plan: PlanRecord, gone: Gone | undefined): Promise<Merged> {
  const records = await collectParts(context, plan);
  const [ids, none] = [new IdSet(), new IdSet()];
  try {
    if (plan.mode === 'full') {
      return { ...(await mergeFull(context, plan, records, { ids, gone, goneIds: gone?.ids ?? none })), ids };
    }
    if (!gone) throw mergeMismatch('What is known of deleted leads is gone');
    const base = await readBase(context, plan);
    const {
      base: kept,
      changed,
      changes,
    } = await mergeUpdate(context, plan, { base, delta: records, gone: gone.ids }, ids);
    return { base: kept, contributions: changed, changes, ids };
  } catch (error) {
    ids.dispose();
    throw error;
  } finally {
    none.dispose();
  }
}

/** All windows, the oldest first, and how that compares with the output that is there. */
async function mergeFull(
  context: MergeContext,
  plan: PlanRecord,
  records: readonly CommitRecord[],
  { ids, gone, goneIds }: { readonly ids: IdSet; readonly gone: Gone | undefined; readonly goneIds: IdSet },
): Promise<Omit<Merged, 'ids'>> {
  const known = await readReconciled(context);
  const before = known ? undefined : await readBefore(context, plan);
  try {
    const seen = { seen: ids, gone: goneIds };
    const style = { quoting: plan.quoting, ...defined({ lineEnd: records.find(({ part }) => part)?.part?.lineEnd }) };
    const [older, newer] = splitAt(before, records);
    const ofBefore = await deduplicate(context, style, older, seen);
    const appeared = before ? appearedIn(ids, before) : 0;
    const contributions = [...ofBefore, ...(await deduplicate(context, style, newer, seen))];
    if (!before) return { contributions, ...defined({ reconciled: known }) };
    const reconciled = reconcile(before, appeared, ids, gone, outputColumns(plan, contributions));
    await writeReconciled(context, reconciled);
    return { contributions, reconciled };
  } finally {
    before?.ids.dispose();
  }
}

/** @throws RunFailure `MergeMismatch` if it is not what was planned with any more */
async function readBase(context: MergeContext, plan: PlanRecord): ReturnType<typeof baseRecord> {
  const { store, output, signal } = context;
  const head = await headObject(store, output.manifest, signal);
  const manifest = await readManifest(store, output, signal);
  if (!manifest?.ids || head?.etag !== plan.base?.manifestEtag || manifest.etag !== plan.base?.etag) {
    throw mergeMismatch('The output that the update began with, or its manifest, is another one by now');
  }
  return baseRecord(store, output, { ...manifest, ids: manifest.ids }, signal);
}

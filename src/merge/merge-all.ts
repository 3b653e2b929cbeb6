import type { Changes } from '../contract/activities.js';
import { IdSet } from '../csv/id-set.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { headObject } from '../storage/objects.js';
import { baseRecord } from './base.js';
import { collectParts } from './collect-parts.js';
import { deduplicate, type Contribution } from './deduplicate.js';
import type { Gone } from './gone-record.js';
import { readManifest } from './manifest-file.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';
import { mergeUpdate } from './merge-update.js';

/** What an output is made of. */
export interface Merged {
  /** Of an update: what stays of its base, whose rows come first. */
  readonly base?: Contribution;
  /** What the windows add, in the order of the rows. */
  readonly contributions: readonly Contribution[];
  /** Of an update. */
  readonly changes?: Changes;
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
      const seen = { seen: ids, gone: gone?.ids ?? none };
      return { contributions: await deduplicate(context, plan, records, seen), ids };
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

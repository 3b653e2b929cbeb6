import { log } from '@temporalio/activity';
import type { GoneSummary, PlanRef } from '../contract/activities.js';
import { RunFailure } from '../contract/failures.js';
import { DAY_MILLISECONDS } from '../contract/limits.js';
import { IdSet } from '../csv/id-set.js';
import { collectGoneLeads, type GoneReason } from '../marketo/gone-leads.js';
import { disposeGone, readGone, writeGone, type GoneIds } from '../merge/gone-record.js';
import { runNamesOf } from '../parts/output-names.js';
import { goneSince, readPlan } from '../plan/plan-record.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/** Deletions are pruned after so many days (Adobe: Get Deleted Leads). */
const KEPT_DAYS = 14;

/**
 * Adds to the ids of leads that were deleted or merged away, from where the last collection ended. Ids alone are kept: names of
 * people and paging tokens are not.
 *
 * @throws RunFailure `BaseTooOld` in an update, if Marketo has forgotten a part of what must be known
 */
export async function collectGone(
  { marketo, store }: Dependencies,
  { signal }: Attempt,
  args: { readonly plan: PlanRef },
): Promise<GoneSummary> {
  const plan = await readPlan(store, args.plan);
  const run = runNamesOf(args.plan);
  const since = goneSince(plan);
  const earlier = await readGone(store, run, since);
  const gone: GoneIds = earlier ?? { ids: new IdSet(), merged: new IdSet() };
  try {
    const from = earlier?.record.until ?? since;
    const now = Date.now();
    const whole = earlier?.record.whole !== false && now - Date.parse(from) < KEPT_DAYS * DAY_MILLISECONDS;
    if (!whole && plan.mode === 'update') {
      throw new RunFailure('BaseTooOld', `Marketo does not tell any more which leads were deleted since ${from}`);
    }
    const nowSeconds = Math.floor(now / 1000);
    const onGone = (id: number, reason: GoneReason): void => {
      const [high, low] = [Math.floor(id / 2 ** 32), id % 2 ** 32];
      gone.ids.add(high, low);
      if (reason === 'merged') gone.merged.add(high, low);
    };
    const found = await collectGoneLeads(marketo, { since: from, nowSeconds }, onGone, signal);
    if (found.outcome === 'noPermission') {
      if (plan.mode === 'update') throw new RunFailure('MarketoAccess', NO_PERMISSION);
      return found;
    }
    if (found.unnamedMerges > 0) log.warn('Merges that name no lead', { merges: found.unnamedMerges });
    const until = found.until > from ? found.until : from;
    await writeGone(store, run, { since, until, whole }, gone, signal);
    return { outcome: 'collected', until };
  } finally {
    disposeGone(gone);
  }
}

const NO_PERMISSION =
  'An update needs to know which leads were deleted: give the role of the API user Read-Only Activity';

import { CancellationScope, isCancellation, log, sleep } from '@temporalio/workflow';
import type { PlanSummary } from '../contract/activities.js';
import { rootOf } from '../contract/root-failure.js';
import { collectGone } from './activity-proxies.js';
import type { RunState } from './run-state.js';

/** Marketo forgets deletions after 14 days (Adobe: Get Deleted Leads). */
const COLLECT_EVERY = '7 days';

/**
 * Does a run's work, and collects meanwhile which leads are deleted or merged away: an update at once, every run each week and at
 * the end. A full run goes on without where it may not, or cannot.
 */
export async function collectingGone(state: RunState, plan: PlanSummary, work: () => Promise<void>): Promise<void> {
  let may = plan.mode === 'update' ? await collect() : true;
  const weekly = new CancellationScope();
  const collecting = weekly.run(async () => {
    while (may) {
      await sleep(COLLECT_EVERY, { summary: 'leads deleted meanwhile' });
      may = await collect();
    }
  });
  // What it fails with is told once the work is done; nothing may be left unheard until then.
  const ended = collecting.then(
    () => undefined,
    (error: unknown) => (isCancellation(error) ? undefined : { error }),
  );
  try {
    await work();
  } finally {
    weekly.cancel();
  }
  const failed = await ended;
  if (failed) throw failed.error;
  if (may) await collect();

  /** Whether there is any use in asking again. */
  async function collect(): Promise<boolean> {
    try {
      const { outcome } = await collectGone.executeWithOptions({ summary: 'leads deleted or merged' }, [
        { plan: plan.ref },
      ]);
      return outcome === 'collected';
    } catch (error) {
      if (isCancellation(error) || plan.mode === 'update') throw error;
      const warning = `Which leads were deleted meanwhile is not known: ${rootOf(error).message}`;
      state.warn(warning);
      log.warn(warning);
      return false;
    }
  }
}

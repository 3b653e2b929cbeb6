import type { CreatedJob, WindowArgs } from '../contract/activities.js';
import { createExportJob } from '../marketo/lead-export.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { readPlan } from '../plan/plan-record.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Creates a window's export job. Marketo knows no idempotency key: where an answer is lost another job is created, and
 * the lost one is counted. It was never enqueued, so it takes no place in the queue (Adobe: Bulk Extract).
 */
export async function createJob(
  { marketo, store }: Dependencies,
  attempt: Attempt,
  args: WindowArgs,
): Promise<CreatedJob> {
  const { exportId: known, lostCreates } = attempt.details;
  if (known !== undefined) return { exportId: known, lostCreates };
  const { fields } = await readPlan(store, args.plan);
  try {
    const { exportId } = await createExportJob(marketo, { fields, ...args.window }, attempt.signal);
    attempt.remember({ exportId });
    return { exportId, lostCreates };
  } catch (error) {
    if (error instanceof MarketoError && error.outcomeUnknown) attempt.remember({ lostCreates: lostCreates + 1 });
    throw error;
  }
}

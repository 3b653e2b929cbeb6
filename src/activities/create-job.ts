import { cancellationDetails, log } from '@temporalio/activity';
import type { CreatedJob, WindowArgs } from '../contract/activities.js';
import type { MarketoClient } from '../marketo/client.js';
import { cancelExportJob, createExportJob } from '../marketo/lead-export.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { readPlan } from '../plan/plan-record.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Creates a window's export job. Marketo knows no idempotency key: where an answer is lost another job is created, and
 * the lost one is counted. It was never enqueued, so it takes no place in the queue (Adobe: Bulk Extract).
 *
 * Once the call is made its answer is waited for, also when the run is cancelled: nobody else would know the job. It is
 * cancelled then.
 */
export async function createJob(
  { marketo, store }: Dependencies,
  attempt: Attempt,
  args: WindowArgs,
): Promise<CreatedJob> {
  const { exportId: known, lostCreates } = attempt.details;
  if (known !== undefined) return { exportId: known, lostCreates };
  const { fields } = await readPlan(store, args.plan);
  const { startAt, endAt, updated } = args.window;
  attempt.signal.throwIfAborted();
  try {
    const { exportId } = await createExportJob(marketo, {
      fields,
      startAt,
      endAt,
      filter: updated ? 'updatedAt' : 'createdAt',
    });
    attempt.remember({ exportId });
    // Not where the worker shuts down or the attempt timed out: the next one has the job from this one's heartbeat.
    if (cancellationDetails()?.cancelRequested === true) await cancel(marketo, exportId);
    return { exportId, lostCreates };
  } catch (error) {
    if (error instanceof MarketoError && error.outcomeUnknown) attempt.remember({ lostCreates: lostCreates + 1 });
    throw error;
  }
}

async function cancel(marketo: MarketoClient, exportId: string): Promise<void> {
  try {
    await cancelExportJob(marketo, exportId);
  } catch (error) {
    // It was never enqueued: it takes no place, and Marketo deletes it after some days.
    const code = error instanceof MarketoError ? error.code : 'unknown';
    log.info('A job that was created while its window was cancelled is left', { exportId, code });
  }
}

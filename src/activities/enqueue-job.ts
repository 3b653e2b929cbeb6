import type { EnqueueOutcome, WindowArgs } from '../contract/activities.js';
import { enqueueExportJob, exportJobStatus } from '../marketo/lead-export.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Enqueues a job, by retries until there is a place in the queue and export quota is left. Enqueueing again is safe: a job
 * that is queued already answers so, which is success.
 */
export async function enqueueJob(
  { marketo }: Dependencies,
  attempt: Attempt,
  { exportId }: WindowArgs & { readonly exportId: string },
): Promise<EnqueueOutcome> {
  try {
    await enqueueExportJob(marketo, exportId, attempt.signal);
    return { outcome: 'enqueued' };
  } catch (error) {
    if (!(error instanceof MarketoError)) throw error;
    if (error.action === 'jobGone') {
      // A job that was deleted while it waited for quota was not spent by Marketo: it does not count.
      return { outcome: 'lost', reason: error.message, counts: !attempt.details.waitedForQuota };
    }
    if (error.action === 'waitForExportQuota') attempt.remember({ waitedForQuota: true });
    if (error.action !== 'fail') throw error;
    // A refusal may only mean that an earlier enqueue, whose answer was lost, took: the job's status decides.
    const { status } = await exportJobStatus(marketo, exportId, attempt.signal);
    if (status === 'Created') throw error;
    return { outcome: 'enqueued' };
  }
}

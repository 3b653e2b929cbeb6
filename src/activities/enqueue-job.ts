import type { EnqueueOutcome, WindowArgs } from '../contract/activities.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { enqueueExportJob, exportJobStatus } from '../marketo/lead-export.js';
import { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Enqueues a job, by retries until there is a place in the queue and export quota is left. Enqueueing again is safe: a job
 * that is queued already answers so, which is success.
 */
export function enqueueJob(
  { marketo }: Dependencies,
  args: WindowArgs & { readonly exportId: string },
): Promise<EnqueueOutcome> {
  return Attempt.run(args, async (attempt) => {
    try {
      await enqueueExportJob(marketo, args.exportId, attempt.signal);
      return { outcome: 'enqueued' };
    } catch (error) {
      if (!(error instanceof MarketoError)) throw error;
      if (error.action === 'jobGone') return lost(error.message, attempt);
      if (error.action !== 'fail') {
        if (error.action === 'waitForExportQuota') attempt.remember({ quotaWait: true });
        throw error;
      }
      // A refusal may only mean that an earlier enqueue, whose answer was lost, took: the job's status decides.
      const job = await exportJobStatus(marketo, args.exportId, attempt.signal);
      if (job.status === 'Created') throw error;
      return { outcome: 'enqueued' };
    }
  });

  /** A job that was deleted while it waited for quota was not spent by Marketo: it does not count. */
  function lost(reason: string, attempt: Attempt): EnqueueOutcome {
    return { outcome: 'lost', reason, counts: attempt.recall('quotaWait') !== true };
  }
}

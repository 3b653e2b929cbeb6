import { log } from '@temporalio/activity';
import type { CompletedJob, TransferOutcome, WindowArgs } from '../contract/activities.js';
import { commitPart } from '../parts/commit-part.js';
import { runNamesOf } from '../parts/output-names.js';
import { readPlan } from '../plan/plan-record.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Brings a completed job's file to S3, verified. An attempt goes on where the one before stopped: S3's part list is the
 * truth, the heartbeat only a hint. It never aborts an upload because it was cancelled: the next attempt may own it.
 */
export async function transferFile(
  { marketo, store, onDownloadResumed }: Dependencies,
  attempt: Attempt,
  { plan, window, job }: WindowArgs & { readonly job: CompletedJob },
): Promise<TransferOutcome> {
  const about = { window: window.startAt, exportId: job.exportId };
  return commitPart({
    marketo,
    store,
    plan: await readPlan(store, plan),
    window,
    job,
    run: runNamesOf(plan),
    signal: attempt.signal,
    uploadId: attempt.details.uploadId,
    onProgress: (progress) => {
      attempt.remember(progress);
    },
    onResume: (reason) => {
      onDownloadResumed?.();
      log.info('The download is taken up again', { ...about, reason });
    },
    onWarning: (message) => {
      log.warn(message, about);
    },
  });
}

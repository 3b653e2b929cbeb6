import { log } from '@temporalio/activity';
import type { AbandonWindowArgs } from '../contract/activities.js';
import type { MarketoClient } from '../marketo/client.js';
import { cancelExportJob, exportJobStatus } from '../marketo/lead-export.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { runNamesOf, windowNames } from '../parts/output-names.js';
import { abortUpload, findUploads } from '../storage/multipart-upload.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Leaves nothing of a window behind but what is verified: the uploads of its parts are aborted, its job is cancelled in
 * Marketo unless it has ended. Called by workflows alone, in a scope that a cancellation does not reach.
 */
export async function abandonWindow(
  { marketo, store }: Dependencies,
  { signal }: Attempt,
  { plan, window, exportId }: AbandonWindowArgs,
): Promise<void> {
  const run = runNamesOf(plan);
  for (const upload of await findUploads(store, run.bucket, windowNames(run, window).partPrefix, signal)) {
    await abortUpload(store, upload, signal);
  }
  if (exportId !== undefined) await cancelJob(marketo, exportId, signal);
}

async function cancelJob(marketo: MarketoClient, exportId: string, signal: AbortSignal): Promise<void> {
  try {
    const { status } = await exportJobStatus(marketo, exportId, signal);
    if (status === 'Completed' || status === 'Failed' || status === 'Cancelled') return;
    await cancelExportJob(marketo, exportId, signal);
  } catch (error) {
    // The status is renewed once a minute only: the job may have ended meanwhile, and there is nothing to cancel then.
    if (!(error instanceof MarketoError) || (error.action !== 'jobGone' && error.action !== 'fail')) throw error;
    log.info('The job could not be cancelled; it has probably ended', { exportId, code: error.code });
  }
}

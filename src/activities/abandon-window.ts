import { log } from '@temporalio/activity';
import type { AbandonArgs } from '../contract/activities.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { cancelExportJob, exportJobStatus } from '../marketo/lead-export.js';
import { abandonPublication } from '../merge/publication-record.js';
import { runNamesOf, windowNames } from '../parts/output-names.js';
import { abortUpload, findUploads } from '../storage/multipart-upload.js';
import { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Leaves nothing of a window behind but what is verified: its job is cancelled in Marketo unless it has ended, the uploads
 * of its parts are aborted. Without a window, the upload of the output is aborted. Called by workflows alone, in a scope
 * that a cancellation does not reach.
 */
export function abandonWindow({ marketo, store }: Dependencies, args: AbandonArgs): Promise<void> {
  return Attempt.run({ ...(args.window && { window: args.window }) }, async (attempt) => {
    const run = runNamesOf(args.plan);
    if (!args.window) {
      await abandonPublication(store, run);
      return;
    }
    for (const upload of await findUploads(store, run.bucket, windowNames(run, args.window).partPrefix)) {
      await abortUpload(store, upload);
    }
    if (args.exportId !== undefined) await cancelJob(args.exportId, attempt.signal);
  });

  async function cancelJob(exportId: string, signal: AbortSignal): Promise<void> {
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
}

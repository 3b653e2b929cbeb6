import { log } from '@temporalio/activity';
import { z } from 'zod';
import type { CompletedJob, TransferOutcome, WindowArgs } from '../contract/activities.js';
import { commitPart, UnusableFileError } from '../parts/commit-part.js';
import { runNamesOf } from '../parts/output-names.js';
import { readPlan } from '../plan/plan-record.js';
import { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';
import { Hopeless } from './retry-decision.js';

/**
 * Brings a completed job's file to S3, verified. An attempt goes on where the one before stopped: S3's part list is the
 * truth, the heartbeat only a hint. It never aborts an upload because it was cancelled: the next attempt may own it.
 */
export function transferFile(
  { marketo, store, onDownloadResumed }: Dependencies,
  args: WindowArgs & { readonly job: CompletedJob },
): Promise<TransferOutcome> {
  const { window, job } = args;
  const told = { window: window.startAt, exportId: job.exportId };
  return Attempt.run(args, (attempt) =>
    attempt.beating(async () => {
      const plan = await readPlan(store, args.plan);
      try {
        return await commitPart({
          marketo,
          store,
          plan,
          window,
          job,
          run: runNamesOf(args.plan),
          signal: attempt.signal,
          uploadId: z.string().optional().catch(undefined).parse(attempt.recall('uploadId')),
          onProgress: (progress) => {
            attempt.remember({ ...progress });
          },
          onResume: (reason) => {
            onDownloadResumed?.();
            log.info('The download is taken up again', { ...told, reason });
          },
          onWarning: (message) => {
            log.warn(message, told);
          },
        });
      } catch (error) {
        if (error instanceof UnusableFileError) throw new Hopeless('WindowFailed', error.message);
        throw error;
      }
    }),
  );
}

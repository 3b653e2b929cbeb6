import { activityInfo, log } from '@temporalio/activity';
import type { MergePartsArgs, MergeSummary } from '../contract/activities.js';
import { DestinationChangedError, MergeMismatchError } from '../merge/errors.js';
import { mergeParts as merge } from '../merge/make-output.js';
import { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';
import { Hopeless } from './retry-decision.js';

/** Deduplicates the parts by id, composes and publishes the output, then the manifest. Done again, it finds what is done. */
export function mergeParts({ store }: Dependencies, args: MergePartsArgs): Promise<MergeSummary> {
  return Attempt.run({}, (attempt) =>
    attempt.beating(async () => {
      const { workflowExecution } = activityInfo();
      try {
        return await merge(store, {
          ...args,
          workflowId: workflowExecution?.workflowId ?? '',
          runId: workflowExecution?.runId ?? '',
          signal: attempt.signal,
          onWarning: (message) => {
            log.warn(message);
          },
        });
      } catch (error) {
        if (error instanceof DestinationChangedError) throw new Hopeless('DestinationChanged', error.message);
        if (error instanceof MergeMismatchError) throw new Hopeless('MergeMismatch', error.message);
        throw error;
      }
    }),
  );
}

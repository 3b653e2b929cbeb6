import { activityInfo, log } from '@temporalio/activity';
import type { MergePartsArgs, MergeSummary } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import { makeOutput } from '../merge/make-output.js';
import { outputNames, runNamesOf } from '../parts/output-names.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/** Deduplicates the parts by id, composes and publishes the output, then the manifest. Done again, it finds what is done. */
export function mergeParts(
  { store, converterPath }: Dependencies,
  attempt: Attempt,
  args: MergePartsArgs,
): Promise<MergeSummary> {
  const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
  return makeOutput({
    ...args,
    store,
    ...defined({ converterPath }),
    workflowId,
    runId,
    output: outputNames(args.destination),
    run: runNamesOf(args.plan),
    signal: attempt.signal,
    onWarning: (message) => {
      log.warn(message);
    },
  });
}

import { activityInfo, Context } from '@temporalio/activity';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { EXTRACT_LEADS, familyOf } from '../contract/names.js';
import type { Poll } from '../contract/limits.js';
import type { Attempt } from './attempt.js';
import { backoffMilliseconds, RetryLater } from './retry-decision.js';
import { runningWorkflows } from './running-workflows.js';

/**
 * Waits, by retries after 1 → 2 → 4 → 4 … min, until no run is open that began before and that the same schedule, or the pair
 * of a nightly and a full one, has started: both write one output, and the second to publish would fail.
 *
 * @returns whether an earlier attempt has waited: the run begins now, and not when it was started
 * @throws RetryLater
 */
export async function awaitOtherRuns(attempt: Attempt, { poll }: { readonly poll: Poll }): Promise<boolean> {
  const own = activityInfo().workflowExecution?.workflowId ?? '';
  const others: WorkflowExecutionInfo[] = [];
  for await (const run of runningWorkflows(EXTRACT_LEADS)) {
    if (run.workflowId !== own && familyOf(run.workflowId) === familyOf(own)) others.push(run);
  }
  const waited = attempt.details.statusCalls > 0;
  if (others.length === 0) return waited;
  const { startTime } = await Context.current().client.workflow.getHandle(own).describe();
  const first = others.find((other) => other.startTime < startTime);
  if (!first) return waited;
  const statusCalls = attempt.details.statusCalls + 1;
  attempt.remember({ statusCalls });
  throw new RetryLater(backoffMilliseconds(poll, statusCalls - 1), {
    reason: 'earlierRun',
    message: `The run ${first.workflowId} of the same output is open: this one begins once it has ended`,
  });
}

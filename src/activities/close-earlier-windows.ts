import { activityInfo, Context } from '@temporalio/activity';
import type { Poll } from '../contract/limits.js';
import { EXTRACT_WINDOW } from '../contract/names.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';
import { backoffMilliseconds, RetryLater } from './retry-decision.js';
import { runningWorkflows } from './running-workflows.js';

/** Open windows that are asked to cancel at once; what is beyond is met by the next attempt. */
const MOST_AT_ONCE = 50;

/**
 * Waits, by retries after 1 → 2 → 4 → 4 … min, until no window of an earlier run of the same workflow id is open, whatever
 * its range: a terminated or reset run leaves its windows behind, and with them jobs in Marketo. They are asked to cancel.
 */
export async function closeEarlierWindows(
  _dependencies: Dependencies,
  attempt: Attempt,
  { poll }: { readonly poll: Poll },
): Promise<void> {
  const open = await openEarlierWindows();
  if (open.length === 0) return;
  const { workflow } = Context.current().client;
  for (const { workflowId, runId } of open.slice(0, MOST_AT_ONCE)) {
    // It may have closed just now.
    await workflow
      .getHandle(workflowId, runId)
      .cancel()
      .catch(() => undefined);
  }
  const statusCalls = attempt.details.statusCalls + 1;
  attempt.remember({ statusCalls });
  const message = `${open.length} windows of an earlier run of this workflow id are still open; they were asked to cancel`;
  throw new RetryLater(backoffMilliseconds(poll, statusCalls - 1), { reason: 'earlierRun', message });
}

async function openEarlierWindows(): Promise<{ readonly workflowId: string; readonly runId: string }[]> {
  const own = activityInfo().workflowExecution;
  const found: { workflowId: string; runId: string }[] = [];
  for await (const { workflowId, runId, parentExecution: parent } of runningWorkflows(EXTRACT_WINDOW)) {
    if (parent?.workflowId !== own?.workflowId || parent?.runId === own?.runId) continue;
    found.push({ workflowId, runId });
    if (found.length > MOST_AT_ONCE) break;
  }
  return found;
}

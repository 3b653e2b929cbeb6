import { activityInfo, Context, log } from '@temporalio/activity';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { Poll } from '../contract/limits.js';
import { EXTRACT_WINDOW } from '../contract/names.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';
import { backoffMilliseconds, RetryLater } from './retry-decision.js';

/** gRPC: UNIMPLEMENTED, and INVALID_ARGUMENT where the store of the server does not know the query. */
const UNSUPPORTED: ReadonlySet<number> = new Set([12, 3]);

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

/**
 * By Temporal's own search attributes, which no server has to be told of. The parent's id is compared here: in a query, the
 * server finds none with a backslash, a double quote or a control character, however it is spelled.
 */
async function openEarlierWindows(): Promise<{ readonly workflowId: string; readonly runId: string }[]> {
  const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
  const query = `WorkflowType = '${EXTRACT_WINDOW}' AND ExecutionStatus = 'Running'`;
  const found: { workflowId: string; runId: string }[] = [];
  try {
    for await (const child of Context.current().client.workflow.list({ query })) {
      const parent = child.parentExecution;
      if (parent?.workflowId !== workflowId || parent.runId === runId) continue;
      found.push({ workflowId: child.workflowId, runId: child.runId });
      if (found.length > MOST_AT_ONCE) break;
    }
  } catch (error) {
    const cause = error instanceof ServiceError ? error.cause : error;
    if (!isGrpcServiceError(cause)) throw error;
    if (!UNSUPPORTED.has(cause.code))
      throw new RetryLater(10_000, { reason: 'earlierRun', message: 'Temporal does not list its runs' });
    // A server without visibility: a window that is in the way is found by its id when it is started.
    log.info('Temporal cannot list the windows of earlier runs');
  }
  return found;
}

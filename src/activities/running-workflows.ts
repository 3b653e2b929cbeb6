import { Context, log } from '@temporalio/activity';
import { isGrpcServiceError, ServiceError, type WorkflowExecutionInfo } from '@temporalio/client';
import type { EXTRACT_LEADS, EXTRACT_WINDOW } from '../contract/names.js';
import { RetryLater } from './retry-decision.js';

/** gRPC: UNIMPLEMENTED, and INVALID_ARGUMENT where the store of the server does not know the query. */
const UNSUPPORTED: ReadonlySet<number> = new Set([12, 3]);

/**
 * All open workflows of a type, by Temporal's own search attributes, which no server has to be told of. None where the server
 * cannot list workflows at all. Whoever looks for ids compares them: in a query, the server finds none with a backslash, a
 * double quote or a control character, however it is spelled.
 *
 * @throws RetryLater where the server does not answer
 */
export async function* runningWorkflows(
  workflowType: typeof EXTRACT_LEADS | typeof EXTRACT_WINDOW,
): AsyncGenerator<WorkflowExecutionInfo> {
  const query = `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Running'`;
  try {
    yield* Context.current().client.workflow.list({ query });
  } catch (error) {
    const cause = error instanceof ServiceError ? error.cause : error;
    if (!isGrpcServiceError(cause)) throw error;
    if (!UNSUPPORTED.has(cause.code))
      throw new RetryLater(10_000, { reason: 'earlierRun', message: 'Temporal does not list its runs' });
    log.info('Temporal cannot list its workflows: what is in the way is found by its id when it is started');
  }
}

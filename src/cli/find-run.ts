import type { RunRef } from '../contract/activities.js';
import { EXTRACT_LEADS } from '../contract/names.js';
import { CommandError } from './exit.js';
import { workflowIdFrom, type RunOptions } from './run-options.js';
import { isOpen } from './snapshot.js';
import type { Temporal } from './temporal.js';

/**
 * The run that an id stands for now.
 *
 * @throws CommandError if it is something else than an extract
 */
export async function findRun(temporal: Temporal, workflowId: string): Promise<RunRef & { readonly open: boolean }> {
  const { type, runId, status } = await temporal.call(() => temporal.client.workflow.getHandle(workflowId).describe());
  if (type !== EXTRACT_LEADS) throw new CommandError(`"${workflowId}" is a ${type} workflow, not ${EXTRACT_LEADS}.`);
  return { workflowId, runId, open: isOpen({ status: status.name }) };
}

/**
 * The run that options name, which must be open.
 *
 * @throws CommandError if it has ended
 */
export async function openRun(temporal: Temporal, options: RunOptions): Promise<RunRef> {
  const run = await findRun(temporal, workflowIdFrom(options));
  if (!run.open) throw new CommandError(`The run "${run.workflowId}" has ended.`);
  return run;
}

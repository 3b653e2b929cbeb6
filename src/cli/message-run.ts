import type { WorkflowHandle } from '@temporalio/client';
import { EXIT, type ExitCode } from './exit.js';
import { openRun } from './find-run.js';
import type { RunOptions } from './run-options.js';
import { withTemporal, type Temporal } from './temporal.js';
import { say, type Terminal } from './terminal.js';

/**
 * Sends a message to the open run that options name.
 *
 * @param send sends it, and returns what to say then
 */
export function messageRun(
  options: RunOptions,
  terminal: Terminal,
  send: (temporal: Temporal, handle: WorkflowHandle) => Promise<string>,
): Promise<ExitCode> {
  return withTemporal(terminal.env, async (temporal) => {
    const { workflowId, runId } = await openRun(temporal, options);
    say(terminal, await send(temporal, temporal.client.workflow.getHandle(workflowId, runId)));
    return EXIT.done;
  });
}

import type { WorkflowHandle } from '@temporalio/client';
import { EXIT, type ExitCode } from './exit.js';
import { openRun } from './find-run.js';
import type { RunOptions } from './run-options.js';
import { withTemporal, type Temporal } from './temporal.js';
import { answer, type Terminal } from './terminal.js';

/** What a message came to. */
export interface Answer {
  /** Of the event in JSON. */
  readonly name: string;
  readonly says: string;
  readonly [more: string]: unknown;
}

/**
 * Sends a message to the open run that options name.
 *
 * @param send sends it, and returns what to say then: for people and for machines
 */
export function messageRun(
  options: RunOptions,
  terminal: Terminal,
  send: (temporal: Temporal, handle: WorkflowHandle) => Promise<Answer>,
): Promise<ExitCode> {
  return withTemporal(terminal, async (temporal) => {
    const { workflowId, runId } = await openRun(temporal, options);
    const { name, says, ...what } = await send(temporal, temporal.client.workflow.getHandle(workflowId, runId));
    answer(terminal, options, { name, what: { workflowId, runId, ...what }, lines: [says] });
    return EXIT.done;
  });
}

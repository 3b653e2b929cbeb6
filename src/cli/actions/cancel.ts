import { EXIT, type ExitCode } from '../exit.js';
import { openRun } from '../find-run.js';
import { follow } from '../follow.js';
import type { RunOptions } from '../run-options.js';
import { withTemporal } from '../temporal.js';
import { answer, type Terminal } from '../terminal.js';

export interface CancelOptions extends RunOptions {
  readonly detach?: true;
}

/** Ends a run in good order. */
export function cancel(options: CancelOptions, terminal: Terminal): Promise<ExitCode> {
  return withTemporal(terminal, async (temporal) => {
    const run = await openRun(temporal, options);
    await temporal.call(() => temporal.client.workflow.getHandle(run.workflowId, run.runId).cancel());
    if (options.detach === true) {
      const lines = ['Cancellation requested: the run clears up and ends.'];
      answer(terminal, options, { name: 'cancelling', what: run, lines });
      return EXIT.done;
    }
    const code = await follow(temporal, terminal, run, { existing: true, json: options.json === true });
    // That it ends cancelled is what was asked for.
    return code === EXIT.cancelled ? EXIT.done : code;
  });
}

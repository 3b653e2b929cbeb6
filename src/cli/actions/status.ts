import { EXIT, type ExitCode } from '../exit.js';
import { findRun } from '../find-run.js';
import { describeOutcome, exitCodeOf, readOutcome } from '../outcome.js';
import { render } from '../render.js';
import { workflowIdFrom, type RunOptions } from '../run-options.js';
import { isOpen, takeSnapshot } from '../snapshot.js';
import { withTemporal } from '../temporal.js';
import { say, type Terminal } from '../terminal.js';

export type StatusOptions = RunOptions;

/** Says once where a run stands, whoever started it. */
export function status(options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  const workflowId = workflowIdFrom(options);
  return withTemporal(terminal, async (temporal) => {
    const run = await findRun(temporal, workflowId);
    const snapshot = await takeSnapshot(temporal, run);
    const outcome = isOpen(snapshot) ? undefined : await readOutcome(temporal, run);
    if (options.json === true) {
      const { progress, trouble } = snapshot;
      say(terminal, JSON.stringify({ ...run, status: snapshot.status, progress, trouble, outcome }));
    } else {
      const lines = outcome ? describeOutcome(outcome) : render(snapshot, Date.now()).map(({ text }) => text);
      for (const line of lines) say(terminal, line);
    }
    return outcome ? exitCodeOf(outcome) : EXIT.done;
  });
}

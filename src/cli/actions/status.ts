import { describeOutcome, nextSteps } from '../../runs/outcome.js';
import { isOpen, knownProgress, says } from '../../runs/snapshot.js';
import { EXIT, exitCodeOf, type ExitCode } from '../exit.js';
import { findRun } from '../find-run.js';
import { readOutcome } from '../read-outcome.js';
import { render } from '../render.js';
import type { RunOptions } from '../run-options.js';
import { takeSnapshot } from '../snapshot.js';
import { withTemporal } from '../temporal.js';
import { answer, type Terminal } from '../terminal.js';

export type StatusOptions = RunOptions;

/** Says once where a run stands, whoever started it. */
export function status(options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  return withTemporal(terminal, async (temporal) => {
    const run = await findRun(temporal, options);
    const snapshot = await takeSnapshot(temporal, run);
    const outcome = isOpen(snapshot) ? undefined : await readOutcome(temporal, run);
    const { trouble } = snapshot;
    const progress = knownProgress(snapshot);
    const now = Date.now();
    const headline = progress && says(progress, { now });
    const what = { ...run, status: snapshot.status, headline, progress, trouble, outcome };
    const destination = progress?.destination;
    const { command } = terminal;
    const after =
      outcome && destination !== undefined
        ? nextSteps(outcome, { command, workflowId: run.workflowId, destination })
        : [];
    const lines = outcome ? [...describeOutcome(outcome), ...after] : render(snapshot, now).map(({ text }) => text);
    answer(terminal, options, { name: 'status', what, lines });
    return outcome ? exitCodeOf(outcome) : EXIT.done;
  });
}

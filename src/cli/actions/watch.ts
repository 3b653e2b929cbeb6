import type { ExitCode } from '../exit.js';
import { findRun } from '../find-run.js';
import { follow } from '../follow.js';
import type { RunOptions } from '../run-options.js';
import { withTemporal } from '../temporal.js';
import type { Terminal } from '../terminal.js';

export type WatchOptions = RunOptions;

/** Follows a run to its end, whoever started it. */
export function watch(options: WatchOptions, terminal: Terminal): Promise<ExitCode> {
  return withTemporal(terminal, async (temporal) => {
    const run = await findRun(temporal, options);
    return follow(temporal, terminal, run, { existing: true, json: options.json === true });
  });
}

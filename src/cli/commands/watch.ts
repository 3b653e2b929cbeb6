import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit.js';
import { follow } from '../follow.js';
import { describeOutcome, exitCodeOf, readOutcome } from '../outcome.js';
import { render } from '../render.js';
import { addRunOptions, workflowIdFrom, type RunOptions } from '../run-options.js';
import { findRun, isOpen, takeSnapshot } from '../snapshot.js';
import { withTemporal } from '../temporal.js';
import { say, type Terminal } from '../terminal.js';

interface WatchOptions extends RunOptions {
  readonly json?: true;
}

/** `watch` and `status`: look at a run, whoever started it. */
export function addWatch(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  addRunOptions(program.command('watch'))
    .summary('follow a run to its end')
    .description('Follows a run to its end. A run that has ended is told about at once.')
    .option('--json', 'for machines: one JSON object a line')
    .addHelpText(
      'after',
      `
Examples:
  $ marketo-lead-extract watch --workflow-id leads/123-ABC-456
  $ marketo-lead-extract watch --destination s3://bucket/leads.csv --json | jq .progress.leads`,
    )
    .action(async (options: WatchOptions) => {
      end(await watch(options, terminal));
    });
  addRunOptions(program.command('status'))
    .summary('say where a run stands')
    .description('Says once where a run stands. Exits with 0 while it is open, and like `watch` when it has ended.')
    .option('--json', 'for machines: one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ marketo-lead-extract status --destination s3://bucket/leads.csv
  $ marketo-lead-extract status --workflow-id leads/123-ABC-456 --json | jq .progress.windows`,
    )
    .action(async (options: WatchOptions) => {
      end(await status(options, terminal));
    });
}

function watch(options: WatchOptions, terminal: Terminal): Promise<ExitCode> {
  const workflowId = workflowIdFrom(options);
  return withTemporal(terminal.env, async (temporal) => {
    const run = await findRun(temporal, workflowId);
    return follow(temporal, terminal, run, { existing: true, json: options.json === true });
  });
}

function status(options: WatchOptions, terminal: Terminal): Promise<ExitCode> {
  const workflowId = workflowIdFrom(options);
  return withTemporal(terminal.env, async (temporal) => {
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

import type { Command } from 'commander';
import { TAKE_OVER_DAYS } from '../../contract/limits.js';
import { EXIT, type ExitCode } from '../exit.js';
import { follow } from '../follow.js';
import { addRunOptions, type RunOptions } from '../run-options.js';
import { withTemporal } from '../temporal.js';
import { say, type Terminal } from '../terminal.js';
import { openRun } from './control.js';

/** `cancel`: ends a run in good order. */
export function addCancel(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  addRunOptions(program.command('cancel'))
    .summary('cancel a run and wait until it has cleared up')
    .description(
      'Cancels a run and waits until it has cleared up: its jobs in Marketo are cancelled, its uploads aborted. ' +
        `Verified parts are kept for ${TAKE_OVER_DAYS} days, for a run that is started again under the same id; \`discard\` deletes them.`,
    )
    .option('--detach', 'return at once instead of waiting')
    .addHelpText(
      'after',
      `
Exits with 0 once the run is cancelled.

Examples:
  $ marketo-lead-extract cancel --workflow-id leads/123-ABC-456
  $ marketo-lead-extract cancel --destination s3://bucket/leads.csv --detach`,
    )
    .action(async (options: RunOptions & { readonly detach?: true }) => {
      end(await cancel(options, terminal));
    });
}

function cancel(options: RunOptions & { readonly detach?: true }, terminal: Terminal): Promise<ExitCode> {
  return withTemporal(terminal.env, async (temporal) => {
    const run = await openRun(temporal, options);
    await temporal.call(() => temporal.client.workflow.getHandle(run.workflowId, run.runId).cancel());
    if (options.detach === true) {
      say(terminal, 'Cancellation requested: the run clears up and ends.');
      return EXIT.done;
    }
    const code = await follow(temporal, terminal, run, { existing: true, json: false });
    // That it ends cancelled is what was asked for.
    return code === EXIT.cancelled ? EXIT.done : code;
  });
}

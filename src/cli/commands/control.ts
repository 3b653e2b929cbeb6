import { InvalidArgumentError, type Command } from 'commander';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunRef } from '../../contract/activities.js';
import { isConcurrency } from '../../contract/input.js';
import {
  pauseSignal,
  progressQuery,
  resumeSignal,
  retryWindowSignal,
  setConcurrencyUpdate,
} from '../../contract/messages.js';
import { CommandError } from '../exit.js';
import { plural } from '../../text/format.js';
import { addRunOptions, workflowIdFrom, type RunOptions } from '../run-options.js';
import { findRun } from '../snapshot.js';
import { withTemporal, type Temporal } from '../temporal.js';
import { say, type Terminal } from '../terminal.js';

/** Commands that tell an open run something: `pause`, `resume`, `set-concurrency`, `retry-window`. */
export function addControl(program: Command, terminal: Terminal): void {
  addRunOptions(program.command('pause'))
    .summary('start no new window')
    .description('Pauses a run: open windows go on to their end, no new one is started until `resume`.')
    .addHelpText('after', example('pause'))
    .action((options: RunOptions) =>
      tell(options, terminal, async ({ call }, handle) => {
        await call(() => handle.signal(pauseSignal));
        return 'Paused: windows that are open go on, no new one is started until `resume`.';
      }),
    );
  addRunOptions(program.command('resume'))
    .summary('end a pause')
    .description('Ends a pause.')
    .addHelpText('after', example('resume'))
    .action((options: RunOptions) =>
      tell(options, terminal, async ({ call }, handle) => {
        await call(() => handle.signal(resumeSignal));
        return 'Resumed.';
      }),
    );
  addRunOptions(program.command('set-concurrency'))
    .summary('change the number of export jobs at once')
    .description('Changes the number of export jobs at once. Jobs that run already are left alone.')
    .argument('<n>', '1 to 10', readConcurrency)
    .addHelpText('after', example('set-concurrency 2'))
    .action((concurrency: number, options: RunOptions) =>
      tell(options, terminal, async ({ call }, handle) => {
        const now = await call(() => handle.executeUpdate(setConcurrencyUpdate, { args: [concurrency] }));
        return `${plural(now, 'export job')} at once from now on.`;
      }),
    );
  addRunOptions(program.command('retry-window'))
    .summary('try a failed window again')
    .description(
      'Tries a failed window again, while the run waits for that (--on-window-failure wait) or still exports.',
    )
    .argument('<start>', "the window's start as `status` shows it, such as 2016-08-01 or 2016-08-01T00:00:00Z")
    .addHelpText('after', example('retry-window 2016-08-01'))
    .action((start: string, options: RunOptions) =>
      tell(options, terminal, async (temporal, handle) => {
        const window = await failedWindow(temporal, handle, start);
        await temporal.call(() => handle.signal(retryWindowSignal, window));
        return `The window that begins at ${window} is tried again.`;
      }),
    );
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

async function tell(
  options: RunOptions,
  terminal: Terminal,
  message: (temporal: Temporal, handle: WorkflowHandle) => Promise<string>,
): Promise<void> {
  await withTemporal(terminal.env, async (temporal) => {
    const { workflowId, runId } = await openRun(temporal, options);
    say(terminal, await message(temporal, temporal.client.workflow.getHandle(workflowId, runId)));
  });
}

/** A failed window by its start or the day of it; the workflow itself only ignores what it does not know. */
async function failedWindow({ call }: Temporal, handle: WorkflowHandle, start: string): Promise<string> {
  const { current } = await call(() => handle.query(progressQuery));
  const failed = current.filter(({ state }) => state === 'failed').map(({ startAt }) => startAt);
  const found = failed.filter((startAt) => startAt.startsWith(start));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const those = failed.length === 0 ? 'No window has failed.' : `Failed are ${failed.join(', ')}.`;
  throw new CommandError(`No failed window begins at ${start}. ${those}`);
}

function readConcurrency(value: string): number {
  const concurrency = Number(value);
  if (!isConcurrency(concurrency)) throw new InvalidArgumentError('It is a whole number from 1 to 10.');
  return concurrency;
}

function example(command: string): string {
  return `
Examples:
  $ marketo-lead-extract ${command} --workflow-id leads/123-ABC-456
  $ marketo-lead-extract ${command} --destination s3://bucket/leads.csv`;
}

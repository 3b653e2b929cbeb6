import { ScheduleAlreadyRunning, ScheduleNotFoundError, type ScheduleSummary } from '@temporalio/client';
import { IANAZone } from 'luxon';
import ms from 'ms';
import { InvalidArgumentError, type Command } from 'commander';
import { EXTRACT_LEADS } from '../../contract/names.js';
import type { extractLeads } from '../../workflows/index.js';
import { CommandError, EXIT } from '../exit.js';
import { moment } from '../../text/format.js';
import { addInputOptions, inputFrom, type InputOptions } from '../input-options.js';
import { addTaskQueueOption, defaultWorkflowId, type TaskQueueOptions } from '../run-options.js';
import { withTemporal } from '../temporal.js';
import { say, type Terminal } from '../terminal.js';

interface CreateOptions extends InputOptions, TaskQueueOptions {
  readonly cron: string;
  readonly timeZone: string;
  readonly catchUp: number;
  readonly scheduleId?: string;
}

interface DeleteOptions {
  readonly scheduleId?: string;
  readonly destination?: string;
}

/** `schedule create|list|delete`: runs at set times, started by Temporal itself. */
export function addSchedule(program: Command, terminal: Terminal): void {
  const schedule = program
    .command('schedule')
    .summary('have runs started at set times')
    .description(
      'Has runs started at set times by Temporal itself. A run that is due while one is still open is skipped.',
    );
  const create = schedule
    .command('create')
    .summary('create a schedule')
    .description('Creates a schedule. Each run gets an id of its own, which begins with that of the schedule.')
    .requiredOption('--cron <expression>', "when to start, such as '0 3 * * 0' (required)")
    .option('--time-zone <name>', 'zone of the cron expression, such as Europe/Berlin', readTimeZone, 'UTC')
    .option('--catch-up <duration>', 'after an outage, start what was due within this time', readDuration, ms('1 hour'))
    .option('--schedule-id <id>', 'id of the schedule (default: made from the destination)');
  addTaskQueueOption(addInputOptions(create), terminal)
    .addHelpText(
      'after',
      `
Examples:
  $ marketo-lead-extract schedule create --cron '0 3 * * 0' --time-zone America/Chicago --destination s3://bucket/leads.csv
  $ marketo-lead-extract schedule create --cron '@daily' --input input.json --schedule-id nightly-leads`,
    )
    .action((options: CreateOptions) => createSchedule(options, terminal));
  schedule
    .command('list')
    .summary('list the schedules of extracts')
    .description('Lists the schedules that start extracts, with the time of their next run.')
    .addHelpText('after', '\nExamples:\n  $ marketo-lead-extract schedule list')
    .action(() => listSchedules(terminal));
  schedule
    .command('delete')
    .summary('delete a schedule')
    .description('Deletes a schedule. A run that it has started goes on.')
    .option('--schedule-id <id>', 'id of the schedule')
    .option('--destination <url>', 'destination of its runs, where it was created without an id')
    .addHelpText('after', '\nExamples:\n  $ marketo-lead-extract schedule delete --schedule-id nightly-leads')
    .action((options: DeleteOptions) => deleteSchedule(options, terminal));
}

async function createSchedule(options: CreateOptions, terminal: Terminal): Promise<void> {
  const { input } = await inputFrom(options, terminal);
  const scheduleId = options.scheduleId ?? defaultWorkflowId(input.destination);
  const { cron, timeZone } = options;
  await withTemporal(terminal.env, async ({ client, call }) => {
    try {
      await call(() =>
        client.schedule.create<typeof extractLeads>({
          scheduleId,
          spec: { cronExpressions: [cron], timezone: timeZone },
          action: {
            type: 'startWorkflow',
            workflowType: EXTRACT_LEADS,
            workflowId: scheduleId,
            taskQueue: options.taskQueue,
            args: [input],
          },
          policies: { overlap: 'SKIP', catchupWindow: options.catchUp },
          memo: { cron, timeZone, destination: input.destination },
        }),
      );
    } catch (error) {
      // What the server finds wrong with a schedule, the SDK throws as a TypeError.
      if (error instanceof TypeError) throw new CommandError(`Temporal refuses the schedule: ${error.message}`);
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      throw new CommandError(
        `There is a schedule "${scheduleId}" already: delete it first, or give another --schedule-id.`,
      );
    }
    const { info } = await call(() => client.schedule.getHandle(scheduleId).describe());
    say(terminal, `Created schedule "${scheduleId}". ${nextRun(info.nextActionTimes)}`);
  });
}

async function listSchedules(terminal: Terminal): Promise<void> {
  await withTemporal(terminal.env, async ({ client, call }) => {
    const schedules = await call(async () => {
      const own: ScheduleSummary[] = [];
      for await (const one of client.schedule.list()) if (one.action?.workflowType === EXTRACT_LEADS) own.push(one);
      return own;
    });
    if (schedules.length === 0) say(terminal, 'There is no schedule that starts extracts.');
    for (const { scheduleId, memo, state, info } of schedules) {
      const when = [memo?.['cron'], memo?.['timeZone']].filter((text) => typeof text === 'string').join(' ');
      const next = state.paused ? 'paused' : nextRun(info.nextActionTimes);
      say(terminal, `${scheduleId}\n  ${[when, next].filter((text) => text !== '').join(' · ')}`);
    }
  });
}

async function deleteSchedule({ scheduleId, destination }: DeleteOptions, terminal: Terminal): Promise<void> {
  const id = scheduleId ?? (destination === undefined ? undefined : defaultWorkflowId(destination));
  if (id === undefined)
    throw new CommandError('Which schedule? Give --schedule-id, or the --destination of its runs.', EXIT.usage);
  await withTemporal(terminal.env, async ({ client, call }) => {
    try {
      await call(() => client.schedule.getHandle(id).delete());
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw new CommandError(`There is no schedule "${id}". See schedule list.`);
    }
    say(terminal, `Deleted schedule "${id}". A run that it has started goes on.`);
  });
}

function nextRun([next]: readonly Date[]): string {
  return next ? `Next run at ${moment(next.toISOString())}` : 'No run is due any more.';
}

function readTimeZone(name: string): string {
  if (!IANAZone.isValidZone(name)) throw new InvalidArgumentError('It is a name such as Europe/Berlin.');
  return name;
}

/** Milliseconds. */
function readDuration(text: string): number {
  const milliseconds = ms(text as ms.StringValue) as number | undefined;
  if (!(milliseconds !== undefined && milliseconds > 0)) throw new InvalidArgumentError('It is spelled like "1 hour".');
  return milliseconds;
}

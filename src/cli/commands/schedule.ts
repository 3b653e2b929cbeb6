import { InvalidArgumentError, Option } from 'commander';
import { IANAZone } from 'luxon';
import ms from 'ms';
import type { CreateOptions, DeleteOptions } from '../actions/schedule.js';
import { examples, type AddCommand } from '../command.js';
import { addInputOptions } from '../input-options.js';
import { addOutputOptions, addTaskQueueOption, type OutputOptions } from '../run-options.js';

/** `schedule create|list|delete`: runs at set times, started by Temporal itself. */
export const addSchedule: AddCommand = (program, terminal, end) => {
  const schedule = program
    .command('schedule')
    .summary('have runs started at set times')
    .description(
      'Has runs started at set times by Temporal itself. A run that is due while one is still open is skipped.',
    );
  const create = schedule
    .command('create')
    .summary('create a schedule')
    .description(
      'Creates a schedule. Each run gets an id of its own, which begins with that of the schedule. With --full-cron there are two, ' +
        'which never write at once: a run waits while one of the other is open.',
    )
    .requiredOption('--cron <expression>', "when to start, such as '0 3 * * 0' (required)")
    .option(
      '--full-cron <expression>',
      "with --mode update: when to start a full run, which puts right what updates cannot know, such as '0 6 * * 6'",
    )
    .option('--time-zone <name>', 'zone of the cron expression, such as Europe/Berlin', readTimeZone, 'UTC')
    .addOption(
      new Option('--catch-up <duration>', 'after an outage, start what was due within this time')
        .argParser(readDuration)
        .default(ms('1 hour'), '"1 hour"'),
    )
    .option('--schedule-id <id>', 'id of the schedule (default: made from the destination)');
  addOutputOptions(addTaskQueueOption(addInputOptions(create), terminal))
    .addHelpText(
      'after',
      examples(
        "marketo-lead-extract schedule create --cron '0 3 * * 0' --time-zone America/Chicago --destination s3://bucket/leads.csv",
        "marketo-lead-extract schedule create --mode update --cron '15 2 * * *' --full-cron '0 6 * * 6' --destination s3://bucket/leads.csv",
        "marketo-lead-extract schedule create --cron '@daily' --input input.json --schedule-id nightly-leads",
      ),
    )
    .action(async (options: CreateOptions) => {
      const { createSchedule } = await import('../actions/schedule.js');
      end(await createSchedule(options, terminal));
    });
  addOutputOptions(schedule.command('list'))
    .summary('list the schedules of extracts')
    .description('Lists the schedules that start extracts, with the time of their next run.')
    .addHelpText('after', examples('marketo-lead-extract schedule list'))
    .action(async (options: OutputOptions) => {
      const { listSchedules } = await import('../actions/schedule.js');
      end(await listSchedules(options, terminal));
    });
  addOutputOptions(schedule.command('delete'))
    .summary('delete a schedule')
    .description('Deletes a schedule, and the one of its full runs. A run that it has started goes on.')
    .option('--schedule-id <id>', 'id of the schedule')
    .option('--destination <url>', 'destination of its runs, where it was created without an id')
    .addHelpText('after', examples('marketo-lead-extract schedule delete --schedule-id nightly-leads'))
    .action(async (options: DeleteOptions) => {
      const { deleteSchedule } = await import('../actions/schedule.js');
      end(await deleteSchedule(options, terminal));
    });
};

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

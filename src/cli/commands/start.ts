import type { StartOptions } from '../actions/start.js';
import { examples, type AddCommand } from '../command.js';
import { addInputOptions } from '../input-options.js';
import { addOutputOptions, addTaskQueueOption } from '../run-options.js';

/** `start`: starts a run, or finds the one that is open under its id, and follows it to its end. */
export const addStart: AddCommand = (program, terminal, end) => {
  const command = program
    .command('start')
    .summary('start a run and follow it (default)')
    .description(
      'Starts a run and follows it to its end. If a run is open under the same workflow id, that one is followed instead.',
    );
  addOutputOptions(addTaskQueueOption(addInputOptions(command), terminal), 'one object a line')
    .option('--workflow-id <id>', 'id of the run (default: made from the destination)')
    .option('--detach', 'return at once instead of following the run')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract --destination s3://bucket/leads.csv',
        "marketo-lead-extract --destination s3://bucket/leads.csv.gz --fields email,createdAt --fields-like 'utm_*'",
        'marketo-lead-extract --input input.json --detach',
        `echo '{"destination": "s3://bucket/leads.csv"}' | marketo-lead-extract --input - --json`,
      ),
    )
    .action(async (options: StartOptions) => {
      const { start } = await import('../actions/start.js');
      end(await start(options, terminal));
    });
};

import { InvalidArgumentError } from 'commander';
import type { ListOptions } from '../actions/list.js';
import { examples, type AddCommand } from '../command.js';
import { addOutputOptions } from '../run-options.js';

/** `list`: the runs that Temporal knows. */
export const addList: AddCommand = (program, terminal, end) => {
  addOutputOptions(program.command('list'))
    .summary('list the runs, newest first')
    .description(
      'Lists the runs that Temporal knows, the newest first: with destination, how they stand, leads, when they started and ' +
        'the id that other commands take. Temporal forgets a closed run after the retention of its namespace.',
    )
    .option('--limit <n>', 'how many at most, 1 to 200', readLimit, 20)
    .addHelpText(
      'after',
      examples('marketo-lead-extract list', "marketo-lead-extract list --json | jq -r '.runs[].workflowId'"),
    )
    .action(async (options: ListOptions) => {
      const { list } = await import('../actions/list.js');
      end(await list(options, terminal));
    });
};

function readLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200)
    throw new InvalidArgumentError('It is a number from 1 to 200.');
  return limit;
}

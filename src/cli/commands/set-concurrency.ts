import { InvalidArgumentError } from 'commander';
import { isConcurrency } from '../../contract/input.js';
import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, addRunOptions, type RunOptions } from '../run-options.js';

/** `set-concurrency`: changes the number of export jobs at once. */
export const addSetConcurrency: AddCommand = (program, terminal, end) => {
  addOutputOptions(addRunOptions(program.command('set-concurrency')))
    .summary('change the number of export jobs at once')
    .description('Changes the number of export jobs at once. Jobs that run already are left alone.')
    .argument('<n>', '1 to 10', readConcurrency)
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract set-concurrency 2 --workflow-id leads/123-ABC-456',
        'marketo-lead-extract set-concurrency 2 --destination s3://bucket/leads.csv',
      ),
    )
    .action(async (concurrency: number, options: RunOptions) => {
      const { setConcurrency } = await import('../actions/set-concurrency.js');
      end(await setConcurrency(concurrency, options, terminal));
    });
};

function readConcurrency(value: string): number {
  const concurrency = Number(value);
  if (!isConcurrency(concurrency)) throw new InvalidArgumentError('It is a whole number from 1 to 10.');
  return concurrency;
}

import type { DiscardOptions } from '../actions/discard.js';
import { addOutputOptions } from '../run-options.js';
import { examples, type AddCommand } from '../command.js';

/** `discard`: deletes what a failed or cancelled run keeps in S3. */
export const addDiscard: AddCommand = (program, terminal, end) => {
  addOutputOptions(program.command('discard'))
    .summary('delete what a failed or cancelled run keeps in S3')
    .description(
      'Deletes the verified parts, commit records and plan that a failed or cancelled run keeps in S3, and aborts its ' +
        'uploads. A run that is started again under the same id then exports everything anew. The output itself, if an ' +
        'earlier run published one, is left alone. Needs the environment for S3 that the worker has.',
    )
    .requiredOption('--destination <url>', 'destination of the run, s3://bucket/key')
    .option('--workflow-id <id>', 'id of the run (default: made from the destination)')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract discard --destination s3://bucket/leads.csv',
        'marketo-lead-extract discard --destination s3://bucket/leads.csv --workflow-id leads/123-ABC-456 --yes',
      ),
    )
    .action(async (options: DiscardOptions) => {
      const { discard } = await import('../actions/discard.js');
      end(await discard(options, terminal));
    });
};

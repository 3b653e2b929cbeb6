import { TAKE_OVER_DAYS } from '../../contract/limits.js';
import type { CancelOptions } from '../actions/cancel.js';
import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, addRunOptions } from '../run-options.js';

/** `cancel`: ends a run in good order. */
export const addCancel: AddCommand = (program, terminal, end) => {
  addOutputOptions(addRunOptions(program.command('cancel')), 'one object a line')
    .summary('cancel a run and wait until it has cleared up')
    .description(
      'Cancels a run and waits until it has cleared up: its jobs in Marketo are cancelled, its uploads aborted. ' +
        `Verified parts are kept for ${TAKE_OVER_DAYS} days, for a run that is started again under the same id; \`discard\` deletes them.`,
    )
    .option('--detach', 'return at once instead of waiting')
    .addHelpText('after', '\nExits with 0 once the run is cancelled.')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract cancel --workflow-id leads/123-ABC-456',
        'marketo-lead-extract cancel --destination s3://bucket/leads.csv --detach',
      ),
    )
    .action(async (options: CancelOptions) => {
      const { cancel } = await import('../actions/cancel.js');
      end(await cancel(options, terminal));
    });
};

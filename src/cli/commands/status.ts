import type { StatusOptions } from '../actions/status.js';
import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, addRunOptions } from '../run-options.js';

/** `status`: looks at a run once, whoever started it. */
export const addStatus: AddCommand = (program, terminal, end) => {
  addOutputOptions(addRunOptions(program.command('status')))
    .summary('say where a run stands')
    .description('Says once where a run stands. Exits with 0 while it is open, and like `watch` when it has ended.')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract status --workflow-id leads/123-ABC-456 --json | jq .progress.windows',
        'marketo-lead-extract status --destination s3://bucket/leads.csv',
      ),
    )
    .action(async (options: StatusOptions) => {
      const { status } = await import('../actions/status.js');
      end(await status(options, terminal));
    });
};

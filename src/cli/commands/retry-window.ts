import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, addRunOptions, type RunOptions } from '../run-options.js';

/** `retry-window`: tries a failed window again. */
export const addRetryWindow: AddCommand = (program, terminal, end) => {
  addOutputOptions(addRunOptions(program.command('retry-window')))
    .summary('try a failed window again')
    .description(
      'Tries a failed window again, while the run waits for that (--on-window-failure wait) or still exports.',
    )
    .argument('<start>', "the window's start as `status` shows it, such as 2016-08-01 or 2016-08-01T00:00:00Z")
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract retry-window 2016-08-01 --workflow-id leads/123-ABC-456',
        'marketo-lead-extract retry-window 2016-08-01 --destination s3://bucket/leads.csv',
      ),
    )
    .action(async (start: string, options: RunOptions) => {
      const { retryWindow } = await import('../actions/retry-window.js');
      end(await retryWindow(start, options, terminal));
    });
};

import type { WatchOptions } from '../actions/watch.js';
import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, addRunOptions } from '../run-options.js';

/** `watch`: follows a run, whoever started it. */
export const addWatch: AddCommand = (program, terminal, end) => {
  addOutputOptions(addRunOptions(program.command('watch')), 'one object a line')
    .summary('follow a run to its end')
    .description('Follows a run to its end. A run that has ended is told about at once.')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract watch --workflow-id leads/123-ABC-456',
        'marketo-lead-extract watch --destination s3://bucket/leads.csv --json | jq .progress.records',
      ),
    )
    .action(async (options: WatchOptions) => {
      const { watch } = await import('../actions/watch.js');
      end(await watch(options, terminal));
    });
};

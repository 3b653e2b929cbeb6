import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, addRunOptions, type RunOptions } from '../run-options.js';

/** `open`: the Web UI in the browser. */
export const addOpen: AddCommand = (program, terminal, end) => {
  addOutputOptions(addRunOptions(program.command('open')))
    .summary('open a run in the Web UI of Temporal')
    .description(
      'Opens the page of a run in the Web UI of Temporal, or the Web UI itself where no run is named, and prints the URL; ' +
        'without a browser it only prints it. TEMPORAL_UI_URL says where the Web UI is, where that is not known.',
    )
    .addHelpText(
      'after',
      examples('marketo-lead-extract open', 'marketo-lead-extract open --destination s3://bucket/leads.csv'),
    )
    .action(async (options: RunOptions) => {
      const { open } = await import('../actions/open.js');
      end(await open(options, terminal));
    });
};

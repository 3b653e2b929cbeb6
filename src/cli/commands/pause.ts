import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, addRunOptions, type RunOptions } from '../run-options.js';

/** `pause`: starts no new window for a while. */
export const addPause: AddCommand = (program, terminal, end) => {
  addOutputOptions(addRunOptions(program.command('pause')))
    .summary('start no new window')
    .description('Pauses a run: open windows go on to their end, no new one is started until `resume`.')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract pause --workflow-id leads/123-ABC-456',
        'marketo-lead-extract pause --destination s3://bucket/leads.csv',
      ),
    )
    .action(async (options: RunOptions) => {
      const { pause } = await import('../actions/pause.js');
      end(await pause(options, terminal));
    });
};

import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, addRunOptions, type RunOptions } from '../run-options.js';

/** `resume`: ends a pause. */
export const addResume: AddCommand = (program, terminal, end) => {
  addOutputOptions(addRunOptions(program.command('resume')))
    .summary('end a pause')
    .description('Ends a pause.')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract resume --workflow-id leads/123-ABC-456',
        'marketo-lead-extract resume --destination s3://bucket/leads.csv',
      ),
    )
    .action(async (options: RunOptions) => {
      const { resume } = await import('../actions/resume.js');
      end(await resume(options, terminal));
    });
};

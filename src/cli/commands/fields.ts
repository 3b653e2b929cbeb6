import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, type OutputOptions } from '../run-options.js';

/** `fields`: what can be exported. */
export const addFields: AddCommand = (program, terminal, end) => {
  addOutputOptions(program.command('fields'))
    .summary('list the fields that can be exported')
    .description(
      "Lists the instance's fields that can be exported: the REST name, which --fields takes, the type and the label that " +
        'people see in Marketo. Needs the environment for Marketo that the worker has.',
    )
    .argument('[search]', 'only those with this text in the name or label')
    .addHelpText('after', examples('marketo-lead-extract fields', 'marketo-lead-extract fields score'))
    .action(async (search: string | undefined, options: OutputOptions) => {
      const { fields } = await import('../actions/fields.js');
      end(await fields(search, options, terminal));
    });
};

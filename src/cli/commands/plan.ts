import type { PlanOptions } from '../actions/plan.js';
import { examples, type AddCommand } from '../command.js';
import { addInputOptions } from '../input-options.js';
import { addOutputOptions } from '../run-options.js';

/** `plan`: a dry run. */
export const addPlan: AddCommand = (program, terminal, end) => {
  const command = program
    .command('plan')
    .summary('say what a run would do, without exporting anything')
    .description(
      'A dry run: asks Marketo for the oldest date and the exportable fields, and says how many export jobs a run would ' +
        'take. Spends no job. Needs the environment for Marketo that the worker has.',
    );
  addOutputOptions(addInputOptions(command, 'optional'))
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract plan',
        "marketo-lead-extract plan --start-at 2020-01-01 --fields-like '*Score' --concurrency 2 --json",
      ),
    )
    .action(async (options: PlanOptions) => {
      const { plan } = await import('../actions/plan.js');
      end(await plan(options, terminal));
    });
};

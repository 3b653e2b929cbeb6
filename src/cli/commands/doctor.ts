import type { DoctorOptions } from '../actions/doctor.js';
import { examples, type AddCommand } from '../command.js';
import { addOutputOptions, addTaskQueueOption } from '../run-options.js';

/** `doctor`: checks each thing that a run needs. */
export const addDoctor: AddCommand = (program, terminal, end) => {
  const command = program
    .command('doctor')
    .summary('check all that a run needs')
    .description(
      'Checks each thing that a run needs, one line each: the environment, credentials and permissions in Marketo, the ' +
        'bucket, Temporal, a worker. Run it with the environment of the worker. Exits with 1 if something is wrong.',
    )
    .option('--destination <url>', 'check the bucket of this destination, s3://bucket/key')
    .option('--register', 'register the search attributes that are missing in the namespace');
  addOutputOptions(addTaskQueueOption(command, terminal), 'one object a line')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract doctor --destination s3://bucket/leads.csv',
        'marketo-lead-extract doctor --register',
      ),
    )
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../actions/doctor.js');
      end(await doctor(options, terminal));
    });
};

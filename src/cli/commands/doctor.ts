import type { Command } from 'commander';
import type { DoctorOptions } from '../doctor/run-checks.js';
import type { ExitCode } from '../exit.js';
import { addTaskQueueOption } from '../run-options.js';
import type { Terminal } from '../terminal.js';

/** `doctor`: checks each thing that a run needs. */
export function addDoctor(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  const command = program
    .command('doctor')
    .summary('check all that a run needs')
    .description(
      'Checks each thing that a run needs, one line each: the environment, credentials and permissions in Marketo, the ' +
        'bucket, Temporal, a worker. Run it with the environment of the worker. Exits with 1 if something is wrong.',
    )
    .option('--destination <url>', 'check the bucket of this destination, s3://bucket/key')
    .option('--register', 'register the search attributes that are missing in the namespace');
  addTaskQueueOption(command, terminal)
    .addHelpText(
      'after',
      `
Examples:
  $ marketo-lead-extract doctor --destination s3://bucket/leads.csv
  $ marketo-lead-extract doctor --register`,
    )
    .action(async (options: DoctorOptions) => {
      // The clients of S3 and Marketo take long to load: only for who needs them.
      const { doctor } = await import('../doctor/run-checks.js');
      end(await doctor(options, terminal));
    });
}

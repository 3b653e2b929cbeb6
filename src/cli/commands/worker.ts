import { examples, type AddCommand } from '../command.js';

/** `worker`: runs a worker. */
export const addWorker: AddCommand = (program, terminal, end) => {
  program
    .command('worker')
    .summary('run a worker, which does the work of runs')
    .description(
      'Runs a worker until Ctrl-C or SIGTERM. It is the worker that asks Marketo and writes to S3: its environment, or .env ' +
        'in the working directory, holds the credentials. What it does is logged as JSON, one object a line. Stopped at any ' +
        'moment, it leaves its runs to go on when a worker is there again.',
    )
    .addHelpText(
      'after',
      examples('marketo-lead-extract worker', 'TEMPORAL_ADDRESS=temporal:7233 marketo-lead-extract worker'),
    )
    .action(async () => {
      end(await terminal.runWorker());
    });
};

import { InvalidArgumentError } from 'commander';
import type { UpOptions } from '../actions/up.js';
import { examples, type AddCommand } from '../command.js';

/** `up`: all that runs need, on one machine. */
export const addUp: AddCommand = (program, terminal, end) => {
  program
    .command('up')
    .summary('run Temporal, a worker and the page on this machine')
    .description(
      "Runs all that extracts need on this machine until Ctrl-C: Temporal's dev server on a database file, a worker, and " +
        'the page of `serve`. Open runs go on with the next `up`. For one machine and one person; docs/deploying.md is for more.',
    )
    .option('--port <n>', 'port of Temporal', readPort, 7233)
    .option('--ui-port <n>', "port of Temporal's Web UI (default: 1000 above)", readPort)
    .option('--page-port <n>', 'port of the page', readPort, 8082)
    .option('--state-directory <path>', 'where the database and the logs are', '.marketo-lead-extract')
    .option('-q, --quiet', 'say nothing but what is wrong')
    .addHelpText('after', examples('marketo-lead-extract up'))
    .action(async (options: UpOptions) => {
      const { up } = await import('../actions/up.js');
      end(await up(options, terminal));
    });
};

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 64_535)
    throw new InvalidArgumentError('It is a port, from 1 to 64535.');
  return port;
}

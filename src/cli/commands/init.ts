import type { InitOptions } from '../actions/init.js';
import { examples, type AddCommand } from '../command.js';
import { addTaskQueueOption } from '../run-options.js';

/** `init`: writes `.env` and checks it. */
export const addInit: AddCommand = (program, terminal, end) => {
  const command = program
    .command('init')
    .summary('write the settings to .env and check them')
    .description(
      'Asks for what a worker needs to know of Marketo, S3 and Temporal, writes it to .env, which only you can read, and ' +
        'checks it. Options answer questions beforehand; without a terminal they must answer all. A secret that is given ' +
        'as an option can be seen by others on this machine and in the history of the shell.',
    )
    .option('--endpoint <url>', 'REST endpoint of Marketo, such as https://123-ABC-456.mktorest.com')
    .option('--client-id <id>', 'client id of the custom service')
    .option('--client-secret <secret>', 'client secret of the custom service')
    .option('--region <name>', 'region of the bucket')
    .option('--s3-endpoint <url>', 'URL of a store that is not AWS')
    .option('--access-key-id <id>', 'access key of S3 (default: a profile or the role of the machine)')
    .option('--secret-access-key <secret>', 'secret access key of S3')
    .option('--temporal-address <host:port>', 'Temporal, where it is not that of `up`')
    .option('--temporal-namespace <name>', 'its namespace')
    .option('--temporal-api-key <key>', 'its API key')
    .option('--directory <path>', 'where to write .env', '.')
    .option('--force', 'replace what .env says already')
    .option('-q, --quiet', 'say nothing but what is wrong');
  addTaskQueueOption(command, terminal)
    .addHelpText('after', examples('marketo-lead-extract init'))
    .action(async (options: InitOptions) => {
      const { init } = await import('../actions/init.js');
      end(await init(options, terminal));
    });
};

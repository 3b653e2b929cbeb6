import { InvalidArgumentError } from 'commander';
import { ADDRESS } from '../../page/hosts.js';
import type { ServeOptions } from '../actions/serve.js';
import { examples, type AddCommand } from '../command.js';

/** `serve`: a page for people. */
export const addServe: AddCommand = (program, terminal, end) => {
  program
    .command('serve')
    .summary('serve a page that shows the runs')
    .description(
      'Serves a page that shows the runs at a glance and each in detail, and refreshes by itself, until Ctrl-C or SIGTERM. ' +
        'It can only be read, holds nothing of any lead, and has no login: by default only this machine reaches it. It is ' +
        'answered under the names of loopback and the host of --address alone. Where the environment has credentials for S3, ' +
        'it shows reports too.',
    )
    .option('--address <host:port>', 'where it is served', readAddress, '127.0.0.1:8082')
    .option('-q, --quiet', 'say nothing but what is wrong')
    .addHelpText('after', examples('marketo-lead-extract serve', 'marketo-lead-extract serve --address 0.0.0.0:8082'))
    .action(async (options: ServeOptions) => {
      const { serve } = await import('../actions/serve.js');
      end(await serve(options, terminal));
    });
};

function readAddress(text: string): string {
  if (!ADDRESS.test(text) || Number(text.replace(/^.*:/, '')) > 65_535) {
    throw new InvalidArgumentError('It is a host and a port, such as 127.0.0.1:8082.');
  }
  return text;
}

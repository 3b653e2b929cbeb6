import type { DownloadOptions } from '../actions/download.js';
import { examples, type AddCommand } from '../command.js';
import { addOutputOptions } from '../run-options.js';

/** `download`: an output, its manifest or its report. */
export const addDownload: AddCommand = (program, terminal, end) => {
  addOutputOptions(program.command('download'))
    .summary('fetch an output, its manifest or its report')
    .description(
      'Fetches what a run has published to a file, whole or not at all, which only you can read, or to stdout, and checks ' +
        'it by its CRC-32. Needs the environment for S3 that the worker has.',
    )
    .requiredOption('--destination <url>', 'destination of the run, s3://bucket/key')
    .option('--manifest', 'its manifest in place of the output')
    .option('--report', 'its report in place of the output')
    .option('--to <file>', 'where to write it, - for stdout (default: its name, here)')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract download --destination s3://bucket/leads.csv',
        'marketo-lead-extract download --destination s3://bucket/leads.csv --manifest --to - | jq .leads',
      ),
    )
    .action(async (options: DownloadOptions) => {
      const { download } = await import('../actions/download.js');
      end(await download(options, terminal));
    });
};

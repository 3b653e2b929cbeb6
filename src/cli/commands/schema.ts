import { Option } from 'commander';
import type { SchemaOptions } from '../actions/schema.js';
import { examples, type AddCommand } from '../command.js';
import { ENGINES } from '../../schema/engines.js';

/** `schema`: a table of an output. */
export const addSchema: AddCommand = (program, terminal, end) => {
  program
    .command('schema')
    .summary('print the statements that load an output into a table')
    .description(
      'Prints the statements that make a table of an output and load it, with the names and types of its own columns. Nothing ' +
        'is run: pass them on, or read them first. Needs the environment for S3 that the worker has.',
    )
    .requiredOption('--destination <url>', 's3://bucket/key of the output')
    .addOption(new Option('--for <engine>', 'what will read it').choices(ENGINES))
    .option('--table <name>', 'name of the table; schema and database before it, parted by dots', 'leads')
    .option('--json', 'for machines: the columns, as in schema.json')
    .addHelpText(
      'after',
      examples(
        'marketo-lead-extract schema --for snowflake --destination s3://bucket/leads.csv',
        'marketo-lead-extract schema --for postgres --table crm.leads --destination s3://bucket/leads.csv.gz | psql',
        'marketo-lead-extract schema --json --destination s3://bucket/leads.csv | jq -r ".columns[].name"',
      ),
    )
    .action(async (options: SchemaOptions) => {
      const { schema } = await import('../actions/schema.js');
      end(await schema(options, terminal));
    });
};

import type { Command } from 'commander';
import { addInputOptions, type InputOptions } from '../input-options.js';
import { say, type Terminal } from '../terminal.js';

/** `plan`: a dry run. */
export function addPlan(program: Command, terminal: Terminal): void {
  const command = program
    .command('plan')
    .summary('say what a run would do, without exporting anything')
    .description(
      'A dry run: asks Marketo for the oldest date and the exportable fields, and says how many export jobs a run would ' +
        'take. Spends no job. Needs the environment for Marketo that the worker has.',
    );
  addInputOptions(command)
    .option('--json', 'for machines: one JSON object, with every field')
    .addHelpText(
      'after',
      `
Examples:
  $ marketo-lead-extract plan
  $ marketo-lead-extract plan --start-at 2020-01-01 --fields-like '*Score' --concurrency 2 --json`,
    )
    .action(async (options: InputOptions & { readonly json?: true }) => {
      // Marketo's client takes long to load: only for who needs it.
      const { describeForecast, makeForecast } = await import('../forecast.js');
      const forecast = await makeForecast(options, terminal);
      if (options.json === true) say(terminal, JSON.stringify(forecast));
      else for (const line of describeForecast(forecast)) say(terminal, line);
    });
}

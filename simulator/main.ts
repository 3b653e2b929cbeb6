import { Command, Option } from 'commander';
import { faultHelp } from './fault-kinds.js';
import { ENDPOINTS, readFault, type Fault } from './faults.js';
import { STRAY } from './leads/values.js';
import { readOptions, type SimulatorOptions } from './options.js';
import { Simulator } from './simulator.js';
import { SWITCHES } from './switches.js';

const number = (text: string): number => {
  const value = Number(text);
  if (Number.isNaN(value)) throw new TypeError(`${text} is not a number`);
  return value;
};
const date = (text: string): number => {
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new TypeError(`${text} is not a date`);
  return value;
};
const seconds = (text: string): readonly [number, number] => {
  const [shortest = NaN, longest = shortest] = text.split('-').map(number);
  return [shortest, longest];
};

const fault = (text: string, before: readonly Fault[] = []): readonly Fault[] => [
  ...before,
  readFault(JSON.parse(text)),
];
/** `"a"` and `"b"`, as the values stand in a file. */
const values = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

const program = new Command('simulator')
  .description(
    'A Marketo Engage instance as strict as its documentation, on this machine. Prints its address as JSON when ready.',
  )
  .option('--host <host>', 'address to listen on')
  .option('--port <port>', 'port to listen on; 0 takes a free one', number)
  .option('--seed <n>', 'the leads are a function of it', number)
  .option('--leads <n>', 'leads in all', number)
  .option('--from <date>', 'creation of the instance, ISO 8601', date)
  .option('--until <date>', 'creation of the latest lead, ISO 8601', date)
  .option('--id-base <n>', 'added to every id', number)
  .option('--padding-bytes <n>', 'bytes that each row carries in addition', number)
  .option('--half-seconds', 'create some leads at half seconds')
  .addOption(new Option('--strict-fractions', 'a range ending at :59 leaves out what was created half a second later'))
  .option('--speed <factor>', 'simulated seconds in a real one', number)
  .option('--processing-seconds <n-m>', 'simulated seconds that a job takes', seconds)
  .option('--daily-quota-bytes <n>', 'bytes that can be exported in a day', number)
  .option('--token-life-seconds <n>', 'life of an access token in real seconds', number)
  .option('--older-leads <n>', 'so many of the leads are older than the folders, with low ids', number)
  .option(
    '--changes-per-day <n>',
    'so many leads are created, changed, deleted or merged in a day of simulated time; a file has them as at a moment of its processing',
    number,
  )
  .option('--extra-fields <n>', 'custom fields more, of long names: 700 make a header of 64 KiB', number)
  .option('--stray-quotes <value>', 'first names written as they are, such as \'"Screen 15""\'; repeatable', values)
  .option('--stray-quotes-one-in <n>', 'one lead in so many has such a first name', number)
  .option('--client-id <id>', 'client id of the custom service')
  .option('--client-secret <secret>', 'client secret of the custom service')
  .option('--other-client-id <id>', 'custom service of a second API user, who sees the workspace Europe alone')
  .option('--other-client-secret <secret>', 'its client secret')
  .option('--fault <json>', 'a fault, as below; repeatable', fault)
  .option('--log', 'print each call to standard error');

for (const [name, { argument, help, fallback, read }] of Object.entries(SWITCHES)) {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (argument === undefined) program.option(flag, help);
  else program.option(`${flag} ${argument}`, `${help} (default: ${String(fallback) || 'none'})`, (text) => read(text));
}
program.addHelpText('after', faultHelp(ENDPOINTS));

interface CommandLine extends Partial<SimulatorOptions> {
  readonly strictFractions?: boolean;
  readonly strayQuotes?: [string, ...string[]];
  readonly strayQuotesOneIn?: number;
  readonly fault?: readonly Fault[];
}
const {
  strictFractions,
  strayQuotes,
  strayQuotesOneIn,
  fault: faults,
  ...options
} = program.parse().opts<CommandLine>();
const stray = { values: strayQuotes ?? STRAY.values, oneIn: strayQuotesOneIn ?? STRAY.oneIn };
const simulator = await Simulator.start(
  readOptions({ ...options, stray, filterIgnoresFractions: strictFractions !== true }),
);
for (const injected of faults ?? []) simulator.faults.inject(injected);
process.stdout.write(`${JSON.stringify({ url: simulator.url, pid: process.pid, leads: simulator.leads.leads })}\n`);
const close = (): void => {
  void simulator.close().then(() => process.exit(0));
};
process.once('SIGTERM', close).once('SIGINT', close);

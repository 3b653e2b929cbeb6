import { Command, Option } from 'commander';
import { Simulator } from './simulator.js';
import { readOptions, type SimulatorOptions } from './options.js';

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
  .option('--client-id <id>', 'client id of the custom service')
  .option('--client-secret <secret>', 'client secret of the custom service')
  .option('--log', 'print each call to standard error');

const { strictFractions, ...options } = program
  .parse()
  .opts<Partial<SimulatorOptions> & { strictFractions?: boolean }>();
const simulator = await Simulator.start(readOptions({ ...options, filterIgnoresFractions: strictFractions !== true }));
process.stdout.write(`${JSON.stringify({ url: simulator.url, pid: process.pid, leads: simulator.leads.leads })}\n`);
const close = (): void => {
  void simulator.close().then(() => process.exit(0));
};
process.once('SIGTERM', close).once('SIGINT', close);

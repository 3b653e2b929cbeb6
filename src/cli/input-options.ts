import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { InvalidArgumentError, type Command } from 'commander';
import { defined } from '../contract/defined.js';
import { readInput, type ExtractInput, type ExtractRequest } from '../contract/input.js';
import { CommandError } from './exit.js';
import type { Terminal } from './terminal.js';

/** Keys of the input that have an option of the same name with the key's own value. */
const PLAIN_KEYS = [
  'destination',
  'mode',
  'startAt',
  'endAt',
  'concurrency',
  'windowDays',
  'windowOverlapSeconds',
  'megabytesPerDay',
  'minLeads',
  'keepParts',
  'keepChanges',
  'onWindowFailure',
  'quoting',
  'contentType',
] as const satisfies readonly (keyof ExtractInput)[];

/** Options that make up the input of a run, as commander hands them over. */
export interface InputOptions extends Readonly<Partial<Record<(typeof PLAIN_KEYS)[number], unknown>>> {
  readonly fields?: string;
  readonly fieldsFile?: string;
  readonly fieldsLike?: readonly string[];
  readonly excludeFields?: string;
  readonly pollInitial?: string;
  readonly pollMaximum?: string;
  readonly tag?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Adds an option for each key of the input. Values are judged later, all together, by the contract. */
export function addInputOptions(command: Command, destination: 'required' | 'optional' = 'required'): Command {
  const inInput = destination === 'required' ? ' (required, here or in --input)' : '';
  return command
    .option(
      '--destination <url>',
      `output object, s3://bucket/key; .parquet at its end makes Parquet, .gz compresses${inInput}`,
    )
    .option(
      '--mode <what>',
      '"full", or "update": only what has changed since the output that is there (default: "full")',
    )
    .option('--fields <names>', 'REST names of the fields, separated by commas (default: every exportable field)')
    .option('--fields-file <file>', 'file of field names, one a line; # begins a comment')
    .option('--fields-like <pattern>', "fields that match, such as 'utm_*'; may be repeated", append)
    .option('--exclude-fields <names>', 'fields to leave out, separated by commas; * as in --fields-like')
    .option('--start-at <date>', 'first creation time, ISO 8601 (default: when the instance began)')
    .option('--end-at <date>', 'last creation time, ISO 8601 (default: a minute before the run starts)')
    .option('--concurrency <n>', 'export jobs at once, 1 to 10 (default: 1)', number)
    .option('--window-days <n>', 'longest window in days, 1 to 31 (default: 31)', number)
    .option('--window-overlap-seconds <n>', 'seconds that neighbouring windows share, 0 to 3600 (default: 0)', number)
    .option(
      '--megabytes-per-day <n>',
      "most megabytes to export in a day of Marketo's quota (default: no limit)",
      number,
    )
    .option('--min-leads <n>', 'publish only with so many leads (default: 1 where the output has any now)', number)
    .option('--poll-initial <duration>', 'first wait of queue and status (default: "1 minute")')
    .option('--poll-maximum <duration>', 'longest wait of queue and status (default: "4 minutes")')
    .option('--keep-parts', 'keep the files of the windows beside the output')
    .option('--keep-changes', 'of an update: keep beside the output what it changed, for a table that follows it')
    .option('--on-window-failure <what>', '"fail" at the end, or "wait" for retry-window (default: "fail")')
    .option('--quoting <how>', '"rfc4180": every reader reads each row, or "asIs" (default: "rfc4180")')
    .option('--content-type <type>', 'content type of the output (default: by its format)')
    .option('--tag <key=value>', 'S3 tag of the output; may be repeated', addTag)
    .option('--input <file>', 'whole input as JSON, - for stdin; the options above override its keys');
}

/**
 * The input of a run from its options.
 *
 * @throws CommandError naming every mistake, before anything is sent
 */
export async function inputFrom(
  options: InputOptions,
  terminal: Terminal,
): Promise<{ readonly input: ExtractInput; readonly request: ExtractRequest }> {
  const input = await mergedInput(options, terminal);
  const reading = readInput(input, Date.now());
  if ('problems' in reading) throw new CommandError(['The input is wrong:', ...reading.problems].join('\n  '));
  return { input: input as ExtractInput, request: reading.request };
}

/** The input as given, not yet judged: JSON of `--input` under what the other options say. */
async function mergedInput(options: InputOptions, terminal: Terminal): Promise<unknown> {
  const base = options.input === undefined ? {} : await readJson(options.input, terminal);
  if (typeof base !== 'object' || base === null || Array.isArray(base)) return base;
  const fields = await fieldNames(options);
  const poll = defined({ initialInterval: options.pollInitial, maximumInterval: options.pollMaximum });
  const plain = Object.fromEntries(PLAIN_KEYS.map((key) => [key, options[key]]));
  const rest = {
    tags: options.tag,
    fields: fields.length > 0 ? fields : undefined,
    excludeFields: options.excludeFields === undefined ? undefined : namesIn(options.excludeFields),
    poll: Object.keys(poll).length > 0 ? poll : undefined,
  };
  return { ...base, ...defined(plain), ...defined(rest) };
}

async function fieldNames({ fields, fieldsFile, fieldsLike }: InputOptions): Promise<string[]> {
  const listed = namesIn(fields ?? '');
  const filed = fieldsFile === undefined ? [] : (await readText(fieldsFile)).split(/\r?\n/).map(withoutComment);
  return [...listed, ...filed, ...(fieldsLike ?? [])].filter((name) => name !== '');
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function withoutComment(line: string): string {
  return line.replace(/#.*/, '').trim();
}

async function readJson(file: string, { stdin }: Terminal): Promise<unknown> {
  const json = file === '-' ? await text(stdin) : await readText(file);
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new CommandError(`The input in ${file === '-' ? 'stdin' : file} is not JSON.`);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`The file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
}

/** The number that a text spells; any other text stays as it is, for the contract to refuse. */
function number(value: string): number | string {
  return /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
}

function append(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function addTag(value: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is spelled key=value.');
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}

import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ENV_FILE } from '../../environment-files.js';
import { runChecks } from '../doctor/run-checks.js';
import { envText } from '../env-text.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import { askSettings, askToReplace } from '../init/ask.js';
import { problemsOf, settingsFrom, type Settings, type SettingsOptions } from '../init/settings.js';
import type { TaskQueueOptions } from '../run-options.js';
import { say, type Terminal } from '../terminal.js';

export interface InitOptions extends SettingsOptions, TaskQueueOptions {
  readonly directory: string;
  readonly force?: true;
}

/** Writes `.env`, asking for what options do not say, and checks what it says. */
export async function init(options: InitOptions, terminal: Terminal): Promise<ExitCode> {
  const file = join(options.directory, ENV_FILE);
  const before = await readIfThere(file);
  const asks = terminal.stdin.isTTY === true;
  if (before !== undefined && options.force !== true) {
    if (!asks) throw new CommandError(`${file} is there already: give --force to replace what it says.`);
    if (!(await askToReplace(file, terminal))) {
      say(terminal, 'Nothing was changed.');
      return EXIT.failed;
    }
  }
  const settings = settingsFrom(asks ? await askSettings(options, terminal) : options);
  const problems = problemsOf(settings);
  if (problems.length > 0) throw new CommandError(['The settings are not complete:', ...problems].join('\n  '));
  await writeSecretly(file, envText({ ...unrelated(before ?? ''), ...settings }));
  say(terminal, `Wrote ${file}, which only you can read: it holds secrets. Every command run here reads it.\n`);
  Object.assign(terminal.env, settings);
  return check(settings, options, terminal);
}

async function check(settings: Settings, options: InitOptions, terminal: Terminal): Promise<ExitCode> {
  const elsewhere = settings['TEMPORAL_ADDRESS'] !== undefined;
  const code = await runChecks({ taskQueue: options.taskQueue, temporal: elsewhere }, terminal);
  const { command } = terminal;
  const next = code === EXIT.done ? (elsewhere ? 'worker' : 'up') : 'init';
  const why = code === EXIT.done ? 'Next:' : 'Correct .env, or begin again:';
  say(terminal, `\n${why}\n  ${command} ${next}`);
  return code;
}

/** What a file says that is none of the settings: it stays. */
function unrelated(before: string): Settings {
  const own = /^(?:MARKETO_(?:ENDPOINT|CLIENT_)|AWS_|S3_FORCE_PATH_STYLE$|TEMPORAL_(?:ADDRESS|NAMESPACE|API_KEY))/;
  const entries = Object.entries(parseEnv(before)).filter(([name]) => !own.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
}

/** Writes a file for its owner's eyes alone, whole or not at all. */
async function writeSecretly(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomUUID()}`;
  await writeFile(beside, text, { mode: 0o600, flag: 'wx' });
  await rename(beside, file);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CommandError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
}

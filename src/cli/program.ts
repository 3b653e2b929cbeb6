import tab from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import type { AddCommand } from './command.js';
import { addCancel } from './commands/cancel.js';
import { addDiscard } from './commands/discard.js';
import { addDoctor } from './commands/doctor.js';
import { addDownload } from './commands/download.js';
import { addFields } from './commands/fields.js';
import { addList } from './commands/list.js';
import { addOpen } from './commands/open.js';
import { addInit } from './commands/init.js';
import { addPause } from './commands/pause.js';
import { addPlan } from './commands/plan.js';
import { addResume } from './commands/resume.js';
import { addRetryWindow } from './commands/retry-window.js';
import { addSchedule } from './commands/schedule.js';
import { addSchema } from './commands/schema.js';
import { addServe } from './commands/serve.js';
import { addSetConcurrency } from './commands/set-concurrency.js';
import { addStart } from './commands/start.js';
import { addStatus } from './commands/status.js';
import { addUp } from './commands/up.js';
import { addWatch } from './commands/watch.js';
import { addWorker } from './commands/worker.js';
import { CommandError, EXIT, EXIT_HELP, type ExitCode } from './exit.js';
import type { OutputOptions } from './run-options.js';
import { event, note, type Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** In the order of the help. */
const COMMANDS: readonly AddCommand[] = [
  addInit,
  addDoctor,
  addFields,
  addPlan,
  addUp,
  addWorker,
  addStart,
  addWatch,
  addStatus,
  addList,
  addOpen,
  addServe,
  addDownload,
  addSchema,
  addPause,
  addResume,
  addSetConcurrency,
  addRetryWindow,
  addCancel,
  addDiscard,
  addSchedule,
];

/** Of the program itself; all other options that come without a command are those of `start`. */
const OWN_OPTIONS: ReadonlySet<string> = new Set(['-h', '--help', '-V', '--version']);

/**
 * Runs one command line.
 *
 * @param args what follows the program's name
 * @returns what the process should end with; errors have been told by then
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  let output: OutputOptions = {};
  const told: Terminal = {
    ...terminal,
    get quiet() {
      return output.quiet === true;
    },
  };
  const program = createProgram(told, (ended) => {
    code = ended;
  });
  program.hook('preAction', (_program, command) => {
    output = command.opts();
  });
  const [first = ''] = args;
  const withCommand = first.startsWith('-') && !OWN_OPTIONS.has(first) ? ['start', ...args] : args;
  try {
    await program.parseAsync(withCommand, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has told what is wrong with the command line, or has shown the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (terminal.interrupted.aborted) return EXIT.detached;
    const { explain } = await import('./environment.js');
    const message = explain(error);
    note(terminal, output.json === true ? event('error', { message }) : message);
    return error instanceof CommandError ? error.exitCode : EXIT.failed;
  }
}

/** All commands. @param end is told what the process should end with */
export function createProgram(terminal: Terminal, end: (code: ExitCode) => void): Command {
  const { stdout, stderr } = terminal;
  const program = new Command(terminal.command)
    .usage('[command] [options]')
    .description(
      'Every lead of a Marketo Engage instance as one verified object in S3. Options without a command are those of start.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stdout.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('Try --help.')
    .addHelpText(
      'after',
      `
First steps:
  $ ${terminal.command} init
  $ ${terminal.command} up
  $ ${terminal.command} start --destination s3://bucket/leads.csv

Settings come from the environment and from .env in the working directory; the environment wins. Temporal is found by
its own variables and profiles: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*, TEMPORAL_PROFILE.
Each command has a --help with examples. Completion: source <(${terminal.command} complete bash), or zsh, fish.

${EXIT_HELP}`,
    );
  for (const add of COMMANDS) add(program, terminal, end);
  // The command `complete SHELL`.
  tab(program);
  return program;
}

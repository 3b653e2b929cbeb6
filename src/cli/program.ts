import { Command, CommanderError } from 'commander';
import type { AddCommand } from './command.js';
import { addCancel } from './commands/cancel.js';
import { addDiscard } from './commands/discard.js';
import { addDoctor } from './commands/doctor.js';
import { addPause } from './commands/pause.js';
import { addPlan } from './commands/plan.js';
import { addResume } from './commands/resume.js';
import { addRetryWindow } from './commands/retry-window.js';
import { addSchedule } from './commands/schedule.js';
import { addSchema } from './commands/schema.js';
import { addSetConcurrency } from './commands/set-concurrency.js';
import { addStart } from './commands/start.js';
import { addStatus } from './commands/status.js';
import { addWatch } from './commands/watch.js';
import { CommandError, EXIT, EXIT_HELP, type ExitCode } from './exit.js';
import { note, type Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** In the order of the help. */
const COMMANDS: readonly AddCommand[] = [
  addStart,
  addWatch,
  addStatus,
  addPause,
  addResume,
  addSetConcurrency,
  addRetryWindow,
  addCancel,
  addDiscard,
  addSchedule,
  addPlan,
  addSchema,
  addDoctor,
];

/**
 * Runs one command line.
 *
 * @param args what follows the program's name
 * @returns what the process should end with; errors have been told by then
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const program = createProgram(terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has told what is wrong with the command line, or has shown the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (terminal.interrupted.aborted) return EXIT.detached;
    if (error instanceof CommandError) {
      note(terminal, error.message);
      return error.exitCode;
    }
    const { explain } = await import('./environment.js');
    note(terminal, explain(error));
    return EXIT.failed;
  }
}

function createProgram(terminal: Terminal, end: (code: ExitCode) => void): Command {
  const { stdout, stderr } = terminal;
  const program = new Command('marketo-lead-extract')
    .description('Every lead of a Marketo Engage instance as one verified object in S3.')
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
Temporal is found by its own variables and profiles: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
TEMPORAL_TLS_*, TEMPORAL_PROFILE. Each command has a --help with examples.

${EXIT_HELP}`,
    );
  for (const add of COMMANDS) add(program, terminal, end);
  return program;
}

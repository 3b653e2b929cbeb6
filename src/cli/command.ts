import type { Command } from 'commander';
import { PROGRAM } from './command-name.js';
import type { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

/**
 * What each file of `commands` exports: declares one command with its options and help. What the command does is in the file
 * of the same name in `actions`, which is loaded only when it is called: clients of Temporal, Marketo and S3 take long to load.
 *
 * @param end is told what the process should end with
 */
export type AddCommand = (program: Command, terminal: Terminal, end: (code: ExitCode) => void) => void;

/** The last part of a command's help. The program's name in it becomes what the user calls it by. */
export function examples(...lines: readonly string[]): (context: { readonly command: Command }) => string {
  return ({ command }) => {
    const called = rootOf(command).name();
    return ['', 'Examples:', ...lines.map((line) => `  $ ${line.replace(PROGRAM, called)}`)].join('\n');
  };
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

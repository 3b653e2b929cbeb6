import type { Command } from 'commander';
import type { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

/**
 * What each file of `commands` exports: declares one command with its options and help. What the command does is in the file
 * of the same name in `actions`, which is loaded only when it is called: clients of Temporal, Marketo and S3 take long to load.
 *
 * @param end is told what the process should end with
 */
export type AddCommand = (program: Command, terminal: Terminal, end: (code: ExitCode) => void) => void;

/** The last part of a command's help. */
export function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  $ ${line}`)].join('\n');
}

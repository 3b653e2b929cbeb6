import type { Readable, Writable } from 'node:stream';
import wrapAnsi from 'wrap-ansi';
import type { ExitCode } from './exit.js';

/** A stream that may be a terminal. */
export type Screen = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** What a command reads from and writes to: the process, or a test. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Screen;
  readonly stderr: Writable;
  readonly env: NodeJS.ProcessEnv;
  /** What stands before a command where the user calls one: `npx marketo-lead-extract`. */
  readonly command: string;
  /** Aborted by Ctrl-C. A command then has two seconds to end. */
  readonly interrupted: AbortSignal;
  /** Set by `--quiet`: nothing is said but what is wrong. */
  readonly quiet?: boolean;
  /** Runs what ends in its own time once it is told to stop, by Ctrl-C or SIGTERM. */
  readonly runUntilStopped: (work: (stopped: AbortSignal) => Promise<ExitCode>) => Promise<ExitCode>;
  /** Runs a worker until it is told to stop; its code is loaded then, and not before. */
  readonly runWorker: () => Promise<ExitCode>;
}

/** Writes one line to stdout; on a terminal it is broken between words. */
export function say({ stdout, quiet }: Pick<Terminal, 'stdout' | 'quiet'>, line: string): void {
  if (quiet !== true) stdout.write(`${fitted(line, stdout)}\n`);
}

/** Commands, which are indented, and JSON stay as they are: they are copied. */
function fitted(line: string, { isTTY, columns }: Screen): string {
  return isTTY !== true || columns === undefined || /^(?: {2}|\{)/.test(line) ? line : wrapAnsi(line, columns);
}

/** A line for machines: what happened, and when. */
export function event(name: string, what: object): string {
  return JSON.stringify({ time: new Date().toISOString(), event: name, ...what });
}

/**
 * Answers a command: by lines for people, or by one line for machines.
 *
 * @param options whether it was given `--json`
 */
export function answer(
  terminal: Terminal,
  options: { readonly json?: true },
  { name, what, lines }: { readonly name: string; readonly what: object; readonly lines: readonly string[] },
): void {
  if (options.json === true) say(terminal, event(name, what));
  else for (const line of lines) say(terminal, line);
}

/** Writes one line to stderr: what is not the answer itself. */
export function note({ stderr }: Terminal, line: string): void {
  stderr.write(`${line}\n`);
}

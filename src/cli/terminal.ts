import type { Readable, Writable } from 'node:stream';

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
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** Writes one line to stdout. */
export function say({ stdout }: Terminal, line: string): void {
  stdout.write(`${line}\n`);
}

/** Writes one line to stderr: what is not the answer itself. */
export function note({ stderr }: Terminal, line: string): void {
  stderr.write(`${line}\n`);
}

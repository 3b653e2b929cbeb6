import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from '../../src/cli/program.js';

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Beside the variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Aborted for Ctrl-C. */
  readonly interrupted?: AbortSignal;
  /** Aborted for SIGTERM, as far as a command waits for it. */
  readonly stopped?: AbortSignal;
  /** Told of each piece of stdout. */
  readonly onOutput?: (text: string) => void;
}

/** Runs a command line in this process, piped: stdin, stdout and stderr are no terminals. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Ran> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(options.stdin ?? '');
  if (options.onOutput) stdout.on('data', (chunk: Buffer) => options.onOutput?.(chunk.toString()));
  const told = Promise.all([text(stdout), text(stderr)]);
  const code = await run(args, {
    stdin,
    stdout,
    stderr,
    env: { ...process.env, ...options.env },
    command: 'marketo-lead-extract',
    interrupted: options.interrupted ?? new AbortController().signal,
    runUntilStopped: (work) => work(options.stopped ?? new AbortController().signal),
    runWorker: () => Promise.reject(new Error('no worker here')),
  });
  stdout.end();
  stderr.end();
  const [out, err] = await told;
  return { code, stdout: out, stderr: err };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { RunFailure } from '../../../contract/failures.js';

/** What the converter runs: `settings` are DuckDB's when it starts, `statements` its SQL in their order. */
export interface ConverterRequest {
  readonly settings: Readonly<Record<string, string>>;
  readonly statements: readonly string[];
}

/** What the converter says once it is through. Holds nothing of a row. */
export type ConverterAnswer =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed'; readonly problem: string }
  /** A row of the CSV is no row of the file, counted with the header. */
  | { readonly outcome: 'unreadable'; readonly row: number }
  /** DuckDB is not installed. */
  | { readonly outcome: 'missing' };

/** The converter did not come to an end, or cannot begin here. Another time, or elsewhere, it may. */
export class ConverterError extends Error {
  override readonly name: string = 'ConverterError';
}

/** What the converter needs is not there. */
export class ConverterMissingError extends ConverterError {
  override readonly name = 'ConverterMissingError';
}

/** The package as it is pinned, for people to install. */
export const DUCKDB = '@duckdb/node-api@1.5.6-r.1';

/** What to convert, and by which program. */
interface Conversion {
  /** Path of `child.js`. @default the one beside this file */
  readonly path?: string | undefined;
  readonly request: ConverterRequest;
  readonly source: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
}

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));

/**
 * Node gives its children sockets, which DuckDB cannot open by name; between two programs of a shell there are pipes, which
 * need no file and go with those who hold them. `$0` is Node, and 3 its channel to this process. Nobody else holds an end of
 * what the converter uses, so that its death is seen at once.
 */
const PIPELINE = 'exec 4<&0; cat <&4 3<&- 4<&- | "$0" "$@" 4<&- | cat 3<&- 4<&- & exec <&- >&- 3<&- 4<&-; wait';

/**
 * Streams bytes through the converter. It is a process of its own that is given neither the environment nor the network,
 * and that ends when this one does; when this returns or throws, it has ended. What it has made only counts once this
 * returns: it ends early where the source broke off or the converter died.
 *
 * @param sink takes what it makes
 * @returns what the sink returns
 * @throws ConverterError; RunFailure `InvalidInput` for rows that Parquet cannot hold; Error for any other problem of DuckDB's,
 * which is a bug; what source and sink throw; once the signal is aborted, its reason
 */
export async function convert<R>(
  { path = CHILD, request, source, signal }: Conversion,
  sink: (made: AsyncIterable<Buffer>) => Promise<R>,
): Promise<R> {
  signal.throwIfAborted();
  const child = spawn('sh', ['-c', PIPELINE, process.execPath, '--max-semi-space-size=1', path], {
    // A process group of its own: a signal reaches all of the pipeline.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore', 'ipc'],
    env: { PATH: process.env['PATH'], MALLOC_ARENA_MAX: '1', TZ: 'UTC' },
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new TypeError('Its stdin and stdout are pipes');
  const ended = endOf(child);
  const kill = (): void => {
    killGroup(child);
  };
  signal.addEventListener('abort', kill);
  try {
    const answered = answerOf(child, request);
    const [result] = await Promise.all([
      sink(stdout).then((taken) => {
        // Whoever writes to it still writes to nobody.
        stdin.destroy();
        return taken;
      }),
      answered,
      feed(source, stdin, ended),
    ]);
    return result;
  } catch (error) {
    // What broke because it was told to stop says nothing: the reason to stop does.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
    // Before its input is closed, which would be the end of the file to it.
    kill();
    stdin.destroy();
    await ended;
  }
}

/** Resolves when all of the pipeline has ended; or never began. */
async function endOf(child: ChildProcess): Promise<void> {
  // What it writes to may be gone, and what is sent may not arrive: its answer tells, or that there is none.
  child.stdin?.on('error', () => undefined);
  child.on('error', () => undefined);
  await new Promise((resolve) => {
    child.once('close', resolve);
    child.once('error', resolve);
  });
}

/** Tells the converter what to do, and waits for its answer. */
async function answerOf(child: ChildProcess, request: ConverterRequest): Promise<void> {
  const answer = await new Promise<ConverterAnswer | undefined>((resolve) => {
    child.once('message', (message) => {
      resolve(message as ConverterAnswer);
    });
    // After all messages.
    child.once('disconnect', () => {
      resolve(undefined);
    });
    child.once('error', () => {
      resolve(undefined);
    });
    if (child.pid !== undefined) child.send(request, () => undefined);
  });
  if (answer?.outcome === 'done') return;
  if (answer?.outcome === 'missing' || child.pid === undefined) throw missing();
  if (answer?.outcome === 'unreadable') {
    throw new RunFailure(
      'InvalidInput',
      `destination: Parquet cannot hold row ${answer.row} of the CSV, counted with the header: it has another number of columns than the header, bytes that are no UTF-8, or more than 16 MiB. Export CSV instead`,
    );
  }
  if (answer?.outcome === 'failed') throw new Error(`DuckDB cannot convert the CSV to Parquet: ${answer.problem}`);
  throw new ConverterError('The process that makes Parquet ended before it was through, as it does for want of memory');
}

function missing(): ConverterMissingError {
  return new ConverterMissingError(
    `Parquet is made by DuckDB, which this worker lacks, or cannot start with sh and cat: npm install ${DUCKDB}`,
  );
}

/** Writes all of the source, as fast as it is taken. Without anybody who takes it, the rest is not read. */
async function feed(source: AsyncIterable<Buffer>, stdin: Writable, ended: Promise<void>): Promise<void> {
  for await (const chunk of source) {
    if (stdin.write(chunk)) continue;
    const drained = new AbortController();
    const { signal } = drained;
    await Promise.race([once(stdin, 'drain', { signal }).catch(() => undefined), closeOf(stdin, signal), ended]);
    drained.abort();
    if (!stdin.writable) return;
  }
  stdin.end();
}

async function closeOf(stdin: Writable, signal: AbortSignal): Promise<void> {
  await once(stdin, 'close', { signal }).catch(() => undefined);
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ConverterError } from './converter.js';

/** What is to be read: a file of so many bytes, whose last column has this name. */
export interface ReaderRequest {
  readonly bytes: number;
  readonly uncast: string;
}

/** What the reader says. Holds nothing of a row but its id. */
export type ReaderAnswer =
  | {
      readonly outcome: 'read';
      readonly rows: number;
      /** Names, in their order. */
      readonly columns: readonly string[];
      /** See `IdSet.serialize`. */
      readonly ids: Uint8Array;
      /** Values in the last column, by the column that they are of. */
      readonly uncast: Readonly<Record<string, number>>;
    }
  | { readonly outcome: 'unreadable' | 'withoutId' | 'twice' };

/** What the reader is sent: first what to do, then the bytes that it asks for. */
export type ReaderMessage =
  { readonly request: ReaderRequest } | { readonly slice: number; readonly bytes: Uint8Array };

type FromReader =
  { readonly answer: ReaderAnswer } | { readonly slice: number; readonly start: number; readonly end: number };

const CHILD = fileURLToPath(new URL('./reader-child.js', import.meta.url));

/**
 * Reads a Parquet file in a process of its own, which is given neither the environment nor the network, and which has ended when
 * this returns or throws.
 *
 * @param fetchSlice fetches bytes of the file
 * @throws ConverterError if it did not come to an end; what `fetchSlice` throws; once the signal is aborted, its reason
 */
export async function readBack(
  {
    path = CHILD,
    request,
    signal,
  }: { readonly path?: string; readonly request: ReaderRequest; readonly signal: AbortSignal },
  fetchSlice: (start: number, end: number) => Promise<Buffer>,
): Promise<ReaderAnswer> {
  signal.throwIfAborted();
  const child = fork(path, {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    execArgv: ['--max-semi-space-size=1'],
    env: { MALLOC_ARENA_MAX: '1', TZ: 'UTC' },
  });
  const ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  try {
    return await new Promise<ReaderAnswer>((resolve, reject) => {
      child.on('message', (message) => {
        const said = message as FromReader;
        if ('answer' in said) resolve(said.answer);
        else
          fetchSlice(said.start, said.end).then(
            (bytes) => child.send({ slice: said.slice, bytes }, () => undefined),
            reject,
          );
      });
      void ended.then(() => {
        reject(new ConverterError('The process that reads Parquet back ended before it was through'));
      });
      child.send({ request }, () => undefined);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await ended;
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';
import type { S3Client } from '@aws-sdk/client-s3';

/** What the SDK takes along with a request. */
export interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/**
 * Sends a request that may be dropped at any moment, such as one that reads: none is sent once the signal is aborted, and one
 * under way ends.
 *
 * @throws the signal's reason, once it is aborted
 */
export async function droppable<R>(
  signal: AbortSignal | undefined,
  send: (options: SendOptions) => Promise<R>,
): Promise<R> {
  signal?.throwIfAborted();
  try {
    return await send(signal ? { abortSignal: signal } : {});
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') signal?.throwIfAborted();
    throw error;
  }
}

const holding = new AsyncLocalStorage<AbortSignal>();

/**
 * Sends a request that others see the effect of. None is sent once the signal is aborted, not even another try of the SDK; but
 * the answer to one under way is waited for, so that nothing shows after its caller has ended.
 *
 * @throws the signal's reason, where it was aborted before S3 said yes or no
 */
export async function awaited<R>(signal: AbortSignal | undefined, send: () => Promise<R>): Promise<R> {
  signal?.throwIfAborted();
  return signal ? holding.run(signal, send) : send();
}

/** Lets a client heed the signals of {@link awaited} before each try. */
export function heedSignals(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      holding.getStore()?.throwIfAborted();
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'heedSignals' },
  );
}

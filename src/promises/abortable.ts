/**
 * A promise that is waited for until the signal aborts, not at all if it has: the work behind it goes on, for others who wait for it or for nobody.
 * Leaves no listener behind, so that one signal may serve for any number of calls.
 *
 * @throws the signal's reason
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  const ended = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true, signal: ended.signal });
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    ended.abort();
  }
}

import pLimit from 'p-limit';

/**
 * Like Promise.all over a limit; but once one fails nothing new is begun, and what is under way is waited for: nothing is left
 * writing behind the caller's back.
 *
 * @throws the first failure, by the order of the items
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => R | Promise<R>,
): Promise<R[]> {
  const limit = pLimit({ concurrency, rejectOnClear: true });
  const outcomes = await Promise.allSettled(
    items.map((item, index) =>
      limit(async () => {
        try {
          return await work(item, index);
        } catch (error) {
          limit.clearQueue();
          throw error;
        }
      }),
    ),
  );
  // Items are begun in their order: before the first that was not begun comes one that failed.
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

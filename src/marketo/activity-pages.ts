import { z } from 'zod';
import type { Call, MarketoClient } from './client.js';
import { MarketoError } from './marketo-errors.js';
import { pages } from './pages.js';
import { pagingToken } from './paging-token.js';

/** Activities of a page, the most that Marketo gives (Adobe: Activities). */
const BATCH = 300;

/**
 * All activities after a moment, a page at a time. Pages may be short or empty: `moreResult` alone tells whether there are
 * more (Adobe: Activities), so an answer without it is refused.
 *
 * @param call endpoint, path and what else is asked for
 * @param item what is read of an activity; nothing else of it is kept
 * @throws MarketoError; 1003 is a token that Marketo takes no more, so that another try begins with a new one
 */
export async function* activityPages<T extends z.ZodType>(
  client: MarketoClient,
  call: Pick<Call, 'endpoint' | 'path' | 'query' | 'signal'>,
  since: string,
  item: T,
): AsyncGenerator<readonly z.output<T>[]> {
  const nextPageToken = await pagingToken(client, since, call.signal);
  const first: Call = { ...call, method: 'GET', query: { ...call.query, batchSize: BATCH, nextPageToken } };
  const schema = z.object({
    moreResult: z.boolean(),
    nextPageToken: z.string().nullish(),
    result: z.array(item).nullish(),
  });
  try {
    for await (const { result } of pages(client, first, schema)) yield result ?? [];
  } catch (error) {
    if (!(error instanceof MarketoError) || error.code !== '1003') throw error;
    const { code, endpoint, requestId } = error;
    throw new MarketoError(code, {
      endpoint,
      requestId,
      action: 'retryBounded',
      detail: 'The paging token is refused',
    });
  }
}

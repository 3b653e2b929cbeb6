import { z } from 'zod';
import type { MarketoClient } from './client.js';

const tokenSchema = z.object({ nextPageToken: z.string().min(1) });

/**
 * A paging token for what happened after a moment, to be handed to the calls of activities (Adobe: Paging Tokens). How long it
 * lives is not documented: it is used at once and kept nowhere.
 *
 * @param since ISO 8601 with `Z`
 * @throws MarketoError
 */
export async function pagingToken(client: MarketoClient, since: string, signal?: AbortSignal): Promise<string> {
  const { nextPageToken } = await client.call(
    {
      endpoint: 'pagingToken',
      method: 'GET',
      path: 'rest/v1/activities/pagingtoken.json',
      // Spelled with a small t in the URL, with a capital one in the text (Adobe: Paging Tokens).
      query: { sinceDatetime: since },
      signal,
    },
    tokenSchema,
  );
  return nextPageToken;
}

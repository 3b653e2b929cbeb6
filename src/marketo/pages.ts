import { z } from 'zod';
import type { Answer, Call, MarketoClient } from './client.js';
import { MarketoError } from './marketo-errors.js';

/** What tells of a further page, beside the answer's own keys. Some endpoints leave `moreResult` out. */
export const pageShape = {
  moreResult: z.boolean().nullish(),
  nextPageToken: z.string().nullish(),
};

/**
 * All pages of a list that goes on by `nextPageToken`.
 *
 * @throws MarketoError, also where the pages do not end or the next one cannot be asked for: a list is whole or an error
 */
export async function* pages<T extends z.ZodType<z.output<z.ZodObject<typeof pageShape>>>>(
  client: MarketoClient,
  call: Call,
  schema: T,
): AsyncGenerator<Answer<T>> {
  const asked = new Set<string>();
  for (let page = call; ;) {
    const answer = await client.call(page, schema);
    yield answer;
    const { moreResult, nextPageToken, requestId } = answer;
    if (moreResult !== true && (moreResult === false || !nextPageToken)) return;
    if (!nextPageToken || asked.has(nextPageToken)) {
      throw MarketoError.unexpectedShape(
        call.endpoint,
        'there are more results, but no new page to ask for',
        requestId,
      );
    }
    asked.add(nextPageToken);
    page = { ...call, query: { ...call.query, nextPageToken } };
  }
}

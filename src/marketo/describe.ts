import { z } from 'zod';
import type { MarketoClient } from './client.js';
import { MarketoError } from './errors.js';

const describeSchema = z.object({
  result: z.array(z.looseObject({ fields: z.array(z.looseObject({ name: z.string().min(1) })) })).min(1),
  moreResult: z.boolean().optional(),
  nextPageToken: z.string().optional(),
});

/**
 * REST names of all fields that Describe Lead 2 lists, in its order: what can be exported (the recipe).
 *
 * @throws MarketoError; an instance without `id` is not what it should be
 */
export async function exportableFields(client: MarketoClient, signal?: AbortSignal): Promise<string[]> {
  const names = new Set<string>();
  let nextPageToken: string | undefined;
  do {
    const answer = await client.call(
      {
        endpoint: 'describe',
        method: 'GET',
        path: 'rest/v1/leads/describe2.json',
        ...(nextPageToken !== undefined && { query: { nextPageToken } }),
        signal,
      },
      describeSchema,
    );
    for (const { fields } of answer.result) for (const { name } of fields) names.add(name);
    nextPageToken = answer.moreResult === true ? answer.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  if (!names.has('id')) throw MarketoError.invalidBody('describe', 'the field id is missing');
  return [...names];
}

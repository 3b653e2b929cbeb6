import { z } from 'zod';
import type { MarketoClient } from './client.js';
import { MarketoError } from './marketo-errors.js';
import { pages, pageShape } from './pages.js';

const describeSchema = z.object({
  ...pageShape,
  result: z.array(z.looseObject({ fields: z.array(z.looseObject({ name: z.string().min(1) })) })).min(1),
});

/**
 * REST names of all fields that Describe Lead 2 lists, in its order: what can be exported (the recipe).
 *
 * @throws MarketoError; an instance without `id` is not what it should be
 */
export async function exportableFields(client: MarketoClient, signal?: AbortSignal): Promise<string[]> {
  const names = new Set<string>();
  const call = { endpoint: 'describe', method: 'GET', path: 'rest/v1/leads/describe2.json', signal } as const;
  for await (const { result } of pages(client, call, describeSchema)) {
    for (const { fields } of result) for (const { name } of fields) names.add(name);
  }
  if (!names.has('id')) throw MarketoError.invalidBody('describe', 'the field id is missing');
  return [...names];
}

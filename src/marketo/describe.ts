import { z } from 'zod';
import type { Field } from '../contract/columns.js';
import { defined } from '../contract/defined.js';
import { cleanText } from './clean-text.js';
import { shownText } from './tolerant.js';
import type { MarketoClient } from './client.js';
import { MarketoError } from './marketo-errors.js';
import { pages, pageShape } from './pages.js';

const name = z.string().min(1);

/** What may be known of a field beside its name: nothing of it can make an answer wrong. */
const facts = {
  dataType: z.string().min(1).transform(cleanText).catch('string'),
  displayName: shownText,
  length: z.int().min(0).optional().catch(undefined),
};

const describe2Schema = z.object({
  ...pageShape,
  result: z.array(z.looseObject({ fields: z.array(z.looseObject({ name, ...facts })) })).min(1),
});

/** `rest` is absent for fields that only SOAP knows (Adobe: Leads, Describe). */
const describeSchema = z.object({
  ...pageShape,
  result: z.array(z.looseObject({ rest: z.looseObject({ name }).nullish().catch(undefined), ...facts })).min(1),
});

/**
 * All fields that can be exported, as far as Marketo tells: those of Describe Lead 2 in its order (the recipe), then what
 * Describe has beyond them. Adobe calls the one exhaustive, the other the primary source: either alone may lack some. Where
 * one of the two is refused, the other is enough.
 *
 * @throws MarketoError; an instance without `id` is not what it should be
 */
export async function describeFields(client: MarketoClient, signal?: AbortSignal): Promise<Field[]> {
  const fields = new Map<string, Field>();
  let refusal: MarketoError | undefined;
  for (const ask of [describe2, describe]) {
    try {
      for (const field of await ask(client, signal)) if (!fields.has(field.name)) fields.set(field.name, field);
    } catch (error) {
      if (!(error instanceof MarketoError) || error.action !== 'fail') throw error;
      if (refusal) throw refusal;
      refusal = error;
    }
  }
  if (!fields.has('id')) throw MarketoError.unexpectedShape('describe', 'the field id is missing');
  return [...fields.values()];
}

/** REST names of all fields that can be exported. @throws as {@link describeFields} */
export async function exportableFields(client: MarketoClient, signal?: AbortSignal): Promise<string[]> {
  return (await describeFields(client, signal)).map((field) => field.name);
}

/** Describe Lead 2. */
async function describe2(client: MarketoClient, signal: AbortSignal | undefined): Promise<Field[]> {
  const call = { endpoint: 'describe', method: 'GET', path: 'rest/v1/leads/describe2.json', signal } as const;
  const found: Field[] = [];
  for await (const { result } of pages(client, call, describe2Schema)) {
    found.push(...result.flatMap(({ fields }) => fields.map((field) => fieldOf(field.name, field))));
  }
  return found;
}

/** Describe, which Describe Lead 2 supersedes. */
async function describe(client: MarketoClient, signal: AbortSignal | undefined): Promise<Field[]> {
  const call = { endpoint: 'describe', method: 'GET', path: 'rest/v1/leads/describe.json', signal } as const;
  const found: Field[] = [];
  for await (const { result } of pages(client, call, describeSchema)) {
    for (const field of result) if (field.rest) found.push(fieldOf(field.rest.name, field));
  }
  return found;
}

function fieldOf(name: string, { dataType, displayName, length }: z.output<z.ZodObject<typeof facts>>): Field {
  return defined({ name, dataType, displayName, length });
}

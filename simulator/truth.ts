import { uniqueIndices } from './expected.js';
import type { LeadCatalog } from './leads/catalog.js';
import type { FieldDefinition } from './leads/fields.js';
import type { FieldSet } from './leads/field-set.js';
import { meaningOf } from './leads/values.js';

/**
 * The values of the leads that a run over a range must deliver, a JSON object by field a line, in the order of the output: what
 * Marketo holds, whatever its files look like. An empty value is `null`; a value with quotes that are not doubled is what stands
 * between the first and the last.
 *
 * @throws TypeError for a field that there is not
 */
export function trueValues(leads: LeadCatalog, fieldSet: FieldSet, query: URLSearchParams): Generator<string> {
  const fields = (query.get('fields') ?? '').split(',').map((name) => {
    const field = fieldSet.find(name);
    if (!field) throw new TypeError(`There is no field ${name}`);
    return field;
  });
  return linesOf(leads, fields, uniqueIndices(leads, query));
}

function* linesOf(
  leads: LeadCatalog,
  fields: readonly FieldDefinition[],
  indices: Iterable<number>,
): Generator<string> {
  for (const index of indices) {
    const facts = leads.facts(index);
    yield `${JSON.stringify(Object.fromEntries(fields.map(({ name, value }) => [name, meant(value(facts))])))}\n`;
  }
}

function meant(value: ReturnType<FieldDefinition['value']>): string | null {
  if (value === null || typeof value === 'string') return value;
  return meaningOf(value.raw);
}

import { ApiError, success } from '../answers.js';
import type { FieldSet } from '../leads/field-set.js';
import type { FieldDefinition } from '../leads/fields.js';
import type { LivingLeads } from '../leads/living-leads.js';
import { batchSizeOf, required } from './query.js';

/** Values of a filter at most (Adobe: Leads, Query). */
const MOST = 300;
const DEFAULT_FIELDS = 'email,updatedAt,createdAt,lastName,firstName,id';

/**
 * Get Leads by Filter Type, by `id` alone: the leads that there are, ids ascending, none being no error.
 *
 * @param now milliseconds since 1970
 * @throws ApiError 1002 without filter, 1003 for another filter, too many values or a token that was not handed out, 1006 for
 * a field that there is not, 1001 for what is no whole number
 */
export function leadsByFilter(leads: LivingLeads, fields: FieldSet, query: URLSearchParams, now: number): object {
  const [filterType, filterValues] = [required(query, 'filterType'), required(query, 'filterValues')];
  if (filterType !== 'id') throw new ApiError('1003', `Invalid filterType '${filterType}'`);
  const values = filterValues.split(',');
  if (values.length > MOST) throw new ApiError('1003', `filterValues may have at most ${MOST} values`);
  const ids = values.map((value) => {
    if (!/^\d+$/.test(value.trim())) throw new ApiError('1001', `Invalid value '${value}'. Required of type 'Integer'`);
    return Number(value);
  });
  const chosen = (query.get('fields') ?? DEFAULT_FIELDS).split(',').map((name) => {
    const field = fields.find(name.trim());
    if (!field) throw new ApiError('1006', `Field '${name}' not found`);
    return field;
  });
  const batchSize = batchSizeOf(query);

  const found = [...new Set(ids)].sort((a, b) => a - b).flatMap((id) => leads.indexOf(id, now) ?? []);
  const start = readToken(query.get('nextPageToken'), found.length);
  const result = found.slice(start, start + batchSize).map((index) => lead(leads.values(index, now), chosen));
  const next = start + batchSize;
  return success({ result, ...(next < found.length && { nextPageToken: `${TOKEN}${next}` }) });
}

const TOKEN = 'SIMULATOR======';

function readToken(token: string | null, leads: number): number {
  if (token === null) return 0;
  const start = Number(token.slice(TOKEN.length));
  if (!token.startsWith(TOKEN) || !(start > 0 && start < leads)) throw new ApiError('1003', 'Invalid nextPageToken');
  return start;
}

function lead(
  valueOf: ReturnType<LivingLeads['values']>,
  fields: readonly FieldDefinition[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields.map((field): [string, unknown] => {
      const { name, dataType } = field;
      const given = valueOf(field);
      if (name === 'id') return [name, Number(given)];
      if (typeof given === 'string' && dataType === 'boolean') return [name, given === 'true'];
      return [name, typeof given === 'object' ? (given?.raw ?? null) : given];
    }),
  );
}

import { ApiError } from '../answers.js';
import type { Selection } from '../files.js';
import type { FieldSet } from '../leads/field-set.js';
import type { Switches } from '../switches.js';
import { readDate } from './query.js';

const LONGEST_RANGE = 31 * 86_400_000;
const FILTERS = ['createdAt', 'updatedAt', 'staticListName', 'staticListId', 'smartListName', 'smartListId'];

/**
 * What a create asks for, as strictly as Bulk Lead Extract is documented: `fields` and exactly one filter, a range of at most
 * 31 days, dates without milliseconds, only fields that the instance exports.
 *
 * @throws ApiError
 */
export function readCreate(
  body: unknown,
  fields: FieldSet,
  { unknownFieldCode, withoutUpdatedAt }: Pick<Switches, 'unknownFieldCode' | 'withoutUpdatedAt'>,
): Omit<Selection, 'shape'> {
  if (typeof body !== 'object' || body === null) throw new ApiError('609', 'Invalid JSON');
  const { fields: names, filter, format, columnHeaderNames } = body as Readonly<Record<string, unknown>>;
  if (!Array.isArray(names) || names.length === 0)
    throw new ApiError('1002', "Missing value for required parameter 'fields'");
  if (typeof filter !== 'object' || filter === null)
    throw new ApiError('1002', "Missing value for required parameter 'filter'");
  if (format !== undefined && !['CSV', 'TSV', 'SSV'].some((known) => known === format))
    throw new ApiError('1003', 'Invalid format');
  if ((format !== undefined && format !== 'CSV') || columnHeaderNames !== undefined)
    throw new ApiError('1003', 'The simulator writes only CSV, and names columns as the fields are named');
  const kinds = Object.keys(filter);
  if (kinds.length !== 1) throw new ApiError('1003', 'Exactly one filter is required');
  if (!FILTERS.includes(kinds[0] ?? '')) throw new ApiError('1003', `Invalid filter '${kinds[0] ?? ''}'`);
  const [kind] = kinds;
  if ((kind !== 'createdAt' && kind !== 'updatedAt') || (kind === 'updatedAt' && withoutUpdatedAt))
    throw new ApiError('1035', 'Unsupported filter type for target subscription');

  const unknown = names.filter((name) => typeof name !== 'string' || !fields.find(name));
  if (unknown.length > 0 && unknownFieldCode === '1006')
    throw new ApiError('1006', `Field '${String(unknown[0])}' not found`);
  if (unknown.length > 0) throw new ApiError('1003', `Invalid fields [${unknown.join(', ')}]`);
  if (new Set(names).size !== names.length) throw new ApiError('1003', 'A field is listed twice');

  const { startAt, endAt } = (filter as Record<string, { startAt?: unknown; endAt?: unknown } | null>)[kind] ?? {};
  const [start, end] = [dateOf(startAt), dateOf(endAt)];
  if (end < start) throw new ApiError('1003', 'endAt lies before startAt');
  if (end - start > LONGEST_RANGE) throw new ApiError('1003', 'The date range is longer than 31 days');
  return {
    fields: names.flatMap((name: string) => fields.find(name) ?? []).filter((field) => fields.isWritten(field)),
    filter: kind,
    startAt: start,
    endAt: end,
  };
}

function dateOf(value: unknown): number {
  if (typeof value === 'string') return readDate(value);
  throw new ApiError('1002', "Missing value for required parameter 'startAt' or 'endAt'");
}

import { ApiError } from '../answers.js';

const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:?\d{2})?$/;

/** A whole number of the query. @throws ApiError 1001 for anything else, and beyond `most` */
export function integer(query: URLSearchParams, name: string, fallback: number, most = Infinity): number {
  const text = query.get(name);
  if (text === null) return fallback;
  if (!/^\d+$/.test(text)) throw new ApiError('1001', `Invalid value '${text}'. Required of type 'Integer'`);
  if (Number(text) > most) throw new ApiError('1001', `Invalid value '${text}'. ${name} is at most ${most}`);
  return Number(text);
}

/** The size of a page, 1 to 300. @throws ApiError 1001 */
export function batchSizeOf(query: URLSearchParams): number {
  const batchSize = integer(query, 'batchSize', 300, 300);
  if (batchSize === 0) throw new ApiError('1001', `Invalid value '0'. batchSize is at least 1`);
  return batchSize;
}

/** A value that must be there. @throws ApiError 1002 */
export function required(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') throw new ApiError('1002', `Missing value for required parameter '${name}'`);
  return value;
}

/** ISO 8601 without milliseconds; without a zone it is GMT (Adobe: Bulk Lead Extract). @throws ApiError 704 */
export function readDate(value: string): number {
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(value) ? value : `${value}Z`;
  const milliseconds = Date.parse(zoned);
  if (!DATE.test(value) || Number.isNaN(milliseconds)) throw new ApiError('704', `Invalid date format '${value}'`);
  return milliseconds;
}

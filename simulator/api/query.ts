import { ApiError } from '../answers.js';

/** A whole number of the query. @throws ApiError 1001 for anything else, and beyond `most` */
export function integer(query: URLSearchParams, name: string, fallback: number, most = Infinity): number {
  const text = query.get(name);
  if (text === null) return fallback;
  if (!/^\d+$/.test(text)) throw new ApiError('1001', `Invalid value '${text}'. Required of type 'Integer'`);
  if (Number(text) > most) throw new ApiError('1001', `Invalid value '${text}'. ${name} is at most ${most}`);
  return Number(text);
}

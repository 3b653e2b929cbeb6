import { expect } from '@jest/globals';
import type { Column, ColumnType } from '../../src/contract/columns.js';

/** A row as JSON, by column. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Rows of JSON, one a line. */
export function readRows(lines: string): Row[] {
  return lines
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Row);
}

/**
 * Compares rows with what the instance holds, every value of every lead, whatever the order. A failure names columns and counts:
 * values are people's.
 *
 * @param typed whether numbers and booleans must have come as such
 */
export function expectSame(
  loaded: readonly Row[],
  truth: readonly Row[],
  columns: readonly Column[],
  typed: boolean,
): void {
  const byId = new Map(loaded.map((row) => [canonical(row['id'], 'integer'), row]));
  expect([loaded.length, byId.size]).toEqual([truth.length, truth.length]);
  const wrong = new Map<string, number>();
  for (const lead of truth) {
    const row = byId.get(canonical(lead['id'], 'integer')) ?? {};
    for (const { name, type } of columns) {
      const value = row[name];
      const right = canonical(value, type) === canonical(lead[name], type) && (!typed || hasType(value, type));
      if (!right) wrong.set(name, (wrong.get(name) ?? 0) + 1);
    }
  }
  expect(Object.fromEntries(wrong)).toEqual({});
}

/** A value in one spelling, by its column's type: `57.0` and 57 are the same score. `undefined` is a value that is not there. */
function canonical(value: Row[string] | undefined, type: ColumnType): string | null | undefined {
  // A file says of neither whether it is empty or the text.
  if (value === null || value === 'null' || value === undefined) return value === undefined ? undefined : null;
  if (type === 'integer' || type === 'double') return String(Number(value));
  if (type === 'timestamp') return new Date(value as string).toISOString();
  if (type === 'date') return String(value).slice(0, 10);
  return String(value);
}

function hasType(value: Row[string] | undefined, type: ColumnType): boolean {
  if (value === null) return true;
  if (type === 'boolean') return typeof value === 'boolean';
  return (typeof value === 'number') === (type === 'integer' || type === 'double');
}

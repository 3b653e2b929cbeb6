import { z } from 'zod';

const named = {
  /** REST name, in its own case: what an export is asked for, and what stands in the header of its file. */
  name: z.string(),
  /** Marketo's type, such as `integer`, `datetime` or `string` (Adobe: Field Types); `string` where it tells none. */
  dataType: z.string(),
};

const described = {
  ...named,
  displayName: z.string().exactOptional(),
  /** Most characters of a value. */
  length: z.int().min(0).exactOptional(),
};

/** A field of leads as Describe tells of it. */
export const fieldSchema = z.object(described).readonly();

/** See {@link fieldSchema}. */
export type Field = z.infer<typeof fieldSchema>;

/** What the values of a column are, in the words of no engine in particular. `timestamp` is a moment, told in UTC. */
const columnTypeSchema = z.enum(['integer', 'double', 'boolean', 'date', 'timestamp', 'text']);

/** See {@link columnTypeSchema}. */
export type ColumnType = z.infer<typeof columnTypeSchema>;

/** A column of an output, as the manifest lists it. */
export const columnSchema = z.object({ ...named, type: columnTypeSchema }).readonly();

/** See {@link columnSchema}. */
export type Column = z.infer<typeof columnSchema>;

/** A column of an output with all that Describe tells of its field. */
export const describedColumnSchema = z.object({ ...described, type: columnTypeSchema }).readonly();

/** See {@link describedColumnSchema}. */
export type DescribedColumn = z.infer<typeof describedColumnSchema>;

/** Marketo's types whose values are more than text (Adobe: Field Types). A score is whole, whatever it is written like. */
const TYPES: ReadonlyMap<string, ColumnType> = new Map([
  ['integer', 'integer'],
  ['score', 'integer'],
  ['float', 'double'],
  ['currency', 'double'],
  ['percent', 'double'],
  ['boolean', 'boolean'],
  ['date', 'date'],
  ['datetime', 'timestamp'],
]);

/** The type of a field's column: by Marketo's type, text for all that are not listed. `id` is whole in any case. */
export function columnTypeOf({ name, dataType }: Pick<Field, 'name' | 'dataType'>): ColumnType {
  return name === 'id' ? 'integer' : (TYPES.get(dataType) ?? 'text');
}

/** The fields of columns, in their order: what Describe does not list is text to Marketo. */
export function fieldsOf(names: readonly string[], described: readonly Field[]): Field[] {
  const known = new Map(described.map((field) => [field.name, field]));
  return names.map((name) => known.get(name) ?? { name, dataType: 'string' });
}

/** The columns of an output by their names, in their order. */
export function columnsOf(names: readonly string[], described: readonly Field[]): DescribedColumn[] {
  return fieldsOf(names, described).map((field) => ({ ...field, type: columnTypeOf(field) }));
}

import { z } from 'zod';

/** A field of leads as Describe tells of it. */
export const fieldSchema = z
  .object({
    /** REST name, in its own case: what an export is asked for, and what stands in the header of its file. */
    name: z.string(),
    /** Marketo's type, such as `integer`, `datetime` or `string` (Adobe: Field Types); `string` where it tells none. */
    dataType: z.string(),
    displayName: z.string().exactOptional(),
    /** Most characters of a value. */
    length: z.int().min(0).exactOptional(),
  })
  .readonly();

/** See {@link fieldSchema}. */
export type Field = z.infer<typeof fieldSchema>;

/** What the values of a column are, in the words of no engine in particular. `timestamp` is a moment, told in UTC. */
export type ColumnType = 'integer' | 'double' | 'boolean' | 'date' | 'timestamp' | 'text';

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

import type { FieldDefinition } from './fields.js';

/** A row of a file, without a line end. @param valueOf tells a field's value for the lead */
export function rowOf(
  fields: readonly FieldDefinition[],
  valueOf: (field: FieldDefinition) => ReturnType<FieldDefinition['value']>,
): string {
  let row = '';
  for (const [position, field] of fields.entries()) {
    const value = valueOf(field);
    if (position > 0) row += ',';
    row += typeof value === 'string' ? quoted(value) : (value?.raw ?? 'null');
  }
  return row;
}

/** Quotes only where it must be, doubling quotes inside (RFC 4180). */
function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

import type { FieldDefinition, FieldValue } from './fields.js';
import { meaningOf } from './values.js';

/** Rows as export writes them, or as every reader of RFC 4180 reads them: values that are not written by its rules quoted by them. */
export type Quoting = 'asIs' | 'rfc4180';

/** A row of a file, without a line end. @param valueOf tells a field's value for the lead */
export function rowOf(
  fields: readonly FieldDefinition[],
  valueOf: (field: FieldDefinition) => FieldValue,
  quoting: Quoting,
): string {
  let row = '';
  for (const [position, field] of fields.entries()) {
    if (position > 0) row += ',';
    row += written(valueOf(field), quoting);
  }
  return row;
}

function written(given: FieldValue, quoting: Quoting): string {
  if (given === null) return 'null';
  if (typeof given === 'string') return quoted(given);
  const { raw } = given;
  return quoting === 'asIs' || BY_THE_RULES.test(raw) ? raw : doubled(meaningOf(raw));
}

/** A field of RFC 4180. */
const BY_THE_RULES = /^(?:[^",\r\n]*|"(?:[^"]|"")*")$/;

/** Quotes only where it must be, doubling quotes inside (RFC 4180). */
function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? doubled(value) : value;
}

function doubled(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

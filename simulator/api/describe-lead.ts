import { success } from '../answers.js';
import type { FieldDefinition } from '../leads/fields.js';

const READ_ONLY = ['id', 'createdAt', 'updatedAt'];

/** Describe Lead 2: the searchable fields, also such as the export refuses. */
export function describeLead2(fields: readonly FieldDefinition[]): object {
  const result = {
    name: 'API Lead',
    searchableFields: [['email'], ['id']],
    fields: fields.map(({ name, displayName, dataType, length }) => ({
      name,
      displayName,
      dataType,
      ...(length !== undefined && { length }),
      updateable: !READ_ONLY.includes(name),
      crmManaged: false,
    })),
  };
  return success({ result: [result] });
}

/** Describe Lead (describe.json): one element a field, some of them of SOAP alone, which have no `rest` (seen by embulk). */
export function describeLead(fields: readonly FieldDefinition[]): object {
  const known = fields.map(({ name, displayName, dataType, length }, index) => ({
    id: index + 2,
    displayName,
    dataType,
    ...(length !== undefined && { length }),
    rest: { name, readOnly: READ_ONLY.includes(name) },
    soap: { name: name.charAt(0).toUpperCase() + name.slice(1), readOnly: READ_ONLY.includes(name) },
  }));
  const soapOnly = {
    id: 1000,
    displayName: 'Person Time Zone',
    dataType: 'string',
    length: 255,
    soap: { name: 'MarketoSocialTimeZone', readOnly: false },
  };
  return success({ result: [...known, soapOnly] });
}

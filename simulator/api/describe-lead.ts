import type { LeadCatalog } from '../leads/catalog.js';

/** Describe Lead 2: all fields, also those that the export refuses. */
export function describeLead({ fields }: LeadCatalog): object {
  return {
    name: 'API Lead',
    searchableFields: [['email'], ['id']],
    fields: fields.map(({ name, displayName, dataType, length }) => ({
      name,
      displayName,
      dataType,
      ...(length !== undefined && { length }),
      updateable: !['id', 'createdAt', 'updatedAt'].includes(name),
      crmManaged: false,
    })),
  };
}

import { hash } from './hash.js';
import { field, type FieldDefinition } from './fields.js';

/** Adobe Experience Cloud ids: exported where they are asked for, and in neither Describe (Adobe: Bulk Lead Extract). */
export const ECIDS = field(
  'ecids',
  'string',
  ({ seed, index }) => (hash(seed, index, 33) % 3 === 0 ? String(hash(seed, index, 34)).padStart(38, '0') : null),
  { described: false },
);

/** So many custom fields more, with names of 94 bytes, as long as the longest that were seen: 700 make a header of 64 KiB. */
export function extraFields(count: number): readonly FieldDefinition[] {
  return Array.from({ length: count }, (_, index) =>
    field(
      `Custom_field_${'with_a_long_name_'.repeat(4)}${String(index + 1).padStart(10, '0')}__c`,
      'string',
      () => null,
    ),
  );
}

import { hash, pick } from './hash.js';
import { CITY, COMPANY, COUNTRY, FIRST, LAST, NOTES, SOURCE, type StrayQuotes } from './values.js';

/** A field of the instance as both Describe calls tell of it, and its value for a lead. */
export interface FieldDefinition {
  readonly name: string;
  readonly displayName: string;
  readonly dataType: string;
  readonly length?: number;
  /** False for a field that is described, and that bulk export refuses all the same (formula fields, unless switched). */
  readonly exportable: boolean;
  /** False for a field that is exported although no Describe lists it. @default true */
  readonly described?: boolean;
  readonly value: (lead: LeadFacts) => FieldValue;
}

/** A value before quoting; `null` is an empty value. A raw value is written as it is. */
export type FieldValue = string | null | { readonly raw: string };

/** What a lead's values are made of. */
export interface LeadFacts {
  readonly seed: number;
  /** Position of the lead, from 0, in order of creation. */
  readonly index: number;
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When a standard field was changed last, in milliseconds since 1970; absent for a lead that is as it was at first. */
  readonly updatedAt?: number;
  /** Text that each lead carries in addition, to make large files. */
  readonly padding: string;
  /** Values whose quotes are not doubled; one lead in so many has one as its first name. */
  readonly stray: StrayQuotes;
}

const by = ({ seed, index }: LeadFacts, salt: number): number => hash(seed, index, salt);
const text =
  (list: readonly [string, ...string[]], salt: number) =>
  (lead: LeadFacts): string =>
    pick(list, by(lead, salt));
const sometimes =
  (value: (lead: LeadFacts) => string, salt: number, oneIn: number) =>
  (lead: LeadFacts): string | null =>
    by(lead, salt) % oneIn === 0 ? value(lead) : null;
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** A field that is exported and described unless `extra` says otherwise. */
export function field(
  name: string,
  dataType: string,
  value: FieldDefinition['value'],
  extra: Partial<FieldDefinition> = {},
): FieldDefinition {
  const displayName = name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/^./, (letter) => letter.toUpperCase());
  return { name, displayName, dataType, exportable: true, value, ...extra };
}

/**
 * The visible column `updatedAt`, in milliseconds since 1970: moved by standard fields alone (Adobe: Bulk Lead Extract). Seen to
 * be a second before createdAt in recorded files.
 */
export function updatedAtOf(lead: LeadFacts): number {
  return lead.updatedAt ?? lead.createdAt + (by(lead, 20) % 2 === 0 ? -1000 : (by(lead, 21) % 1e6) * 1000);
}

/** Whether a field is a custom one: changing it leaves the visible `updatedAt` where it is. */
export function isCustom({ name }: FieldDefinition): boolean {
  return name.endsWith('__c') || name.startsWith('utm_');
}

/** Standard and custom fields. `id` is not the first: whoever wants it first must ask for it so. */
export const FIELDS: readonly FieldDefinition[] = [
  field('company', 'string', text(COMPANY, 1), { length: 255 }),
  field('site', 'string', sometimes(text(CITY, 2), 2, 3)),
  field('billingCity', 'string', sometimes(text(CITY, 3), 3, 2)),
  field('billingCountry', 'string', sometimes(text(COUNTRY, 3), 4, 2)),
  field(
    'website',
    'url',
    sometimes((lead) => `https://www.example.com/?a=1&b=${by(lead, 5)}`, 5, 2),
  ),
  field(
    'mainPhone',
    'phone',
    sometimes((lead) => `+1 555 ${String(by(lead, 6) % 10_000).padStart(4, '0')}`, 6, 3),
  ),
  field(
    'annualRevenue',
    'currency',
    sometimes((lead) => `${by(lead, 7) % 1_000_000}.0`, 7, 4),
  ),
  field(
    'numberOfEmployees',
    'integer',
    sometimes((lead) => String(by(lead, 8) % 50_000), 8, 3),
  ),
  field(
    'industry',
    'string',
    sometimes(() => 'Software, services', 9, 2),
  ),
  field('id', 'integer', ({ id }) => String(id)),
  field('mktoName', 'string', (lead) => `${pick(FIRST, by(lead, 10))} ${pick(LAST, by(lead, 11))}`),
  field(
    'firstName',
    'string',
    (lead) =>
      by(lead, 12) % lead.stray.oneIn === 0
        ? { raw: pick(lead.stray.values, by(lead, 13)) }
        : pick(FIRST, by(lead, 10)),
    { length: 255 },
  ),
  field('lastName', 'string', (lead) => (by(lead, 14) % 89 === 0 ? 'null' : pick(LAST, by(lead, 11))), { length: 255 }),
  field('email', 'email', (lead) => `lead.${lead.id}@example.com`, { length: 255 }),
  field(
    'title',
    'string',
    sometimes(() => 'Head of "Everything"', 15, 5),
  ),
  field(
    'phone',
    'phone',
    sometimes((lead) => `555-${by(lead, 16) % 10_000}`, 16, 2),
  ),
  field('city', 'string', text(CITY, 17)),
  field('country', 'string', text(COUNTRY, 17)),
  field('postalCode', 'string', (lead) => String(by(lead, 18) % 100_000).padStart(5, '0')),
  field(
    'dateOfBirth',
    'date',
    sometimes((lead) => iso((by(lead, 19) % 15_000) * 86_400_000).slice(0, 10), 19, 3),
  ),
  field('createdAt', 'datetime', ({ createdAt }) => iso(createdAt)),
  field('updatedAt', 'datetime', (lead) => iso(updatedAtOf(lead))),
  field('leadSource', 'string', text(SOURCE, 22)),
  field(
    'leadStatus',
    'string',
    sometimes(() => 'Open', 23, 2),
  ),
  field('leadScore', 'score', (lead) => `${by(lead, 24) % 200}.0`),
  field(
    'rating',
    'string',
    sometimes(() => 'Hot', 25, 7),
  ),
  field('unsubscribed', 'boolean', (lead) => String(by(lead, 26) % 11 === 0)),
  field('emailInvalid', 'boolean', () => 'false'),
  field('doNotCall', 'boolean', () => 'false'),
  field('isAnonymous', 'boolean', () => 'false'),
  field(
    'cookies',
    'string',
    sometimes((lead) => `_mch-example.com-${by(lead, 27)}`, 27, 3),
  ),
  field('leadPartitionId', 'integer', () => '1'),
  field(
    'acquisitionProgramId',
    'reference',
    sometimes((lead) => String(1000 + (by(lead, 28) % 50)), 28, 2),
  ),
  field(
    'utm_source',
    'string',
    sometimes(() => 'newsletter', 29, 2),
  ),
  field(
    'utm_campaign',
    'string',
    sometimes((lead) => `spring, ${2016 + (by(lead, 30) % 10)}`, 30, 3),
  ),
  field('Active__c', 'boolean', (lead) => String(by(lead, 31) % 2 === 0)),
  field('Notes__c', 'textarea', (lead) => pick(NOTES, by(lead, 32)) + lead.padding, { length: 32_000 }),
  field('Shadow__c', 'formula', () => null, { exportable: false }),
];

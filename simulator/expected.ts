import { columnsOf, shapeOf } from './file-shape.js';
import type { FaultEffect } from './faults.js';
import type { LeadCatalog } from './leads/catalog.js';
import type { FieldDefinition } from './leads/fields.js';
import type { FieldSet } from './leads/field-set.js';
import type { LivingLeads } from './leads/living-leads.js';

const BLOCK = 31 * 86_400_000;

/** Ids of the leads that a run over a range must deliver, one a line. */
export function* expectedIds(leads: LeadCatalog, query: URLSearchParams): Generator<string> {
  for (const index of uniqueIndices(leads, query)) yield `${leads.id(index)}\n`;
}

/**
 * The output that a run over a range must deliver: one header, each lead once, the first window winning. All fields are those
 * that Describe Lead lists and export writes. By default every reader of RFC 4180 reads it; with `quoting=asIs` rows are as
 * export writes them.
 *
 * @param standing effects that all jobs have: columns and line ends of the files are those of the output
 */
export function* expectedOutput(
  leads: LeadCatalog,
  fieldSet: FieldSet,
  standing: readonly FaultEffect[],
  query: URLSearchParams,
): Generator<string> {
  const fields = columnsOf(wantedFields(fieldSet, query), standing);
  const { lineEnd } = shapeOf(standing);
  yield fields.map(({ name }) => name).join(',') + lineEnd;
  const quoting = query.get('quoting') === 'asIs' ? 'asIs' : 'rfc4180';
  for (const index of uniqueIndices(leads, query)) yield leads.row(index, fields, quoting) + lineEnd;
}

/** Every lead as it is at the moment `at`, a header before them. @throws TypeError without a moment that can be read */
export function* leadsAt(leads: LivingLeads, fieldSet: FieldSet, query: URLSearchParams): Generator<string> {
  const at = Date.parse(query.get('at') ?? '');
  if (Number.isNaN(at)) throw new TypeError('at is required');
  const fields = wantedFields(fieldSet, query);
  yield `${fields.map(({ name }) => name).join(',')}\n`;
  for (const index of leads.all(at)) yield `${leads.row(index, fields, at, 'rfc4180')}\n`;
}

function wantedFields(fieldSet: FieldSet, query: URLSearchParams): FieldDefinition[] {
  const wanted = query.get('fields')?.split(',') ?? fieldSet.described.map(({ name }) => name);
  const names = ['id', ...wanted.filter((name) => name !== 'id')];
  return names.flatMap((name) => fieldSet.find(name) ?? []).filter((field) => fieldSet.isWritten(field));
}

/** Indices of the leads of a range, each once, in the order in which windows of 31 days deliver them. */
export function* uniqueIndices(leads: LeadCatalog, query: URLSearchParams): Generator<number> {
  const startAt = Date.parse(query.get('startAt') ?? '');
  const endAt = Date.parse(query.get('endAt') ?? '');
  const overlap = Number(query.get('overlapSeconds') ?? 0) * 1000;
  if (Number.isNaN(startAt) || Number.isNaN(endAt)) throw new TypeError('startAt and endAt are required');
  const seen = new Set<number>();
  for (let start = startAt; start <= endAt; start += BLOCK - overlap) {
    const end = Math.min(start + BLOCK - 1000, endAt);
    for (const index of leads.inRange(start, end)) {
      if (seen.has(index)) continue;
      seen.add(index);
      yield index;
    }
    if (end === endAt) return;
  }
}

import type { LeadCatalog } from './leads/catalog.js';

const BLOCK = 31 * 86_400_000;

/** Ids of the leads that a run over a range must deliver, one a line. */
export function* expectedIds(leads: LeadCatalog, query: URLSearchParams): Generator<string> {
  for (const index of uniqueIndices(leads, query)) yield `${leads.id(index)}\n`;
}

/** The output that a run over a range must deliver: one header, each lead once, the first window winning. */
export function* expectedOutput(leads: LeadCatalog, query: URLSearchParams): Generator<string> {
  const wanted = query.get('fields')?.split(',');
  const exportable = leads.fields.filter((field) => field.exportable);
  const chosen = wanted ? wanted.flatMap((name) => exportable.find((field) => field.name === name) ?? []) : exportable;
  const id = exportable.filter(({ name }) => name === 'id');
  const fields = [...id, ...chosen.filter(({ name }) => name !== 'id')];
  yield `${fields.map(({ name }) => name).join(',')}\n`;
  for (const index of uniqueIndices(leads, query)) yield `${leads.row(index, fields)}\n`;
}

function* uniqueIndices(leads: LeadCatalog, query: URLSearchParams): Generator<number> {
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

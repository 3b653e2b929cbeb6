import { z } from 'zod';
import { activityPages } from './activity-pages.js';
import type { MarketoClient } from './client.js';
import { pages, pageShape } from './pages.js';
import { wholeNumber } from './tolerant.js';

/** As seen in every instance; what an instance itself tells counts. */
const MERGE_LEADS = 32;

/** An id, or a list of them as it was seen: `[1286861]`. */
const MERGE_IDS = /^[\d\s[\]"',;]*$/;

const typesSchema = z.object({
  ...pageShape,
  result: z.array(z.looseObject({ id: wholeNumber, name: z.string().catch('') })).min(1),
});

/** The losers' ids. Nothing else of the attributes is kept. */
const mergeIds = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))])
  .transform((value) => (Array.isArray(value) ? value.join(',') : String(value)))
  .pipe(z.string().regex(MERGE_IDS))
  .transform((text) => (text.match(/\d+/g) ?? []).map(Number))
  .pipe(z.array(z.int().min(0)));

const merge = z.object({
  attributes: z
    .array(z.looseObject({ name: z.string() }))
    .nullish()
    .transform((attributes) => attributes?.find(({ name }) => isMergeIds(name))?.['value'])
    .pipe(mergeIds.nullish()),
});

/** What one page of merges tells. */
export interface MergedLeads {
  /** Ids of leads that are gone into others. */
  readonly losers: readonly number[];
  /** Merges that name no loser: some were seen. Which leads are gone by them only a full export tells. */
  readonly unnamed: number;
}

/**
 * Ids of the leads that were merged into others after a moment, by the activity Merge Leads, which Marketo keeps for 25 months:
 * a page at a time, some perhaps twice.
 *
 * @param since ISO 8601 with `Z`
 * @throws MarketoError, of code 603 where the API user lacks Read-Only Activity
 */
export async function* mergedLeads(
  client: MarketoClient,
  since: string,
  signal?: AbortSignal,
): AsyncGenerator<MergedLeads> {
  const query = { activityTypeIds: await mergeLeadsType(client, signal) };
  const call = { endpoint: 'activities', path: 'rest/v1/activities.json', query, signal };
  for await (const page of activityPages(client, call, since, merge)) {
    const losers = page.map(({ attributes }) => attributes ?? []);
    yield { losers: losers.flat(), unnamed: losers.filter((ids) => ids.length === 0).length };
  }
}

/** Id of the activity type Merge Leads in this instance. */
async function mergeLeadsType(client: MarketoClient, signal: AbortSignal | undefined): Promise<number> {
  const call = { endpoint: 'activityTypes', method: 'GET', path: 'rest/v1/activities/types.json', signal } as const;
  let found: number | undefined;
  for await (const { result } of pages(client, call, typesSchema))
    found ??= result.find(({ name }) => name.toLowerCase() === 'merge leads')?.id;
  return found ?? MERGE_LEADS;
}

/** `Merge IDs`, however it is spelled. */
function isMergeIds(name: string): boolean {
  return name.replace(/[^a-z]/gi, '').toLowerCase() === 'mergeids';
}

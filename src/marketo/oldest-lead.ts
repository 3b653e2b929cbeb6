import { z } from 'zod';
import { RunFailure } from '../contract/failures.js';
import type { MarketoClient } from './client.js';
import { parseMarketoDate } from './marketo-date.js';
import { MarketoError } from './marketo-errors.js';

/** As many as one call may ask for (Adobe: Leads, Query). */
const LOWEST_IDS = Array.from({ length: 300 }, (_, index) => index + 1).join(',');

const leadsSchema = z.object({
  // Nothing found is an empty list: an answer that has none says nothing of the leads.
  result: z.array(z.looseObject({ id: z.int(), createdAt: z.unknown().optional() })),
});

/**
 * When the oldest of the leads with ids 1 to 300 was created, in milliseconds since 1970; `undefined` where none is left of
 * them. Ids are given in order: low ones are old.
 *
 * @throws RunFailure where a date cannot be read; MarketoError
 */
export async function oldestLeadDate(client: MarketoClient, signal?: AbortSignal): Promise<number | undefined> {
  const query = { filterType: 'id', filterValues: LOWEST_IDS, fields: 'id,createdAt' };
  const call = { endpoint: 'leads', method: 'GET', path: 'rest/v1/leads.json', query, signal } as const;
  const dates = (await leadsOf(client.call(call, leadsSchema))).map(({ id, createdAt }) => {
    const date = parseMarketoDate(createdAt);
    if (date !== undefined) return date;
    throw new RunFailure('MarketoRefused', `Marketo tells no date that can be read for the lead ${id}. Give startAt.`);
  });
  return dates.length > 0 ? Math.min(...dates) : undefined;
}

/** Some empty searches answer 702 instead of an empty result (Adobe: Error Codes). */
async function leadsOf(answer: Promise<z.output<typeof leadsSchema>>): Promise<z.output<typeof leadsSchema>['result']> {
  try {
    return (await answer).result;
  } catch (error) {
    if (error instanceof MarketoError && error.code === '702') return [];
    throw error;
  }
}

import { z } from 'zod';
import { activityPages } from './activity-pages.js';
import type { MarketoClient } from './client.js';
import { wholeNumber } from './tolerant.js';

/** Of a deletion nothing is read but the lead's id: its `primaryAttributeValue` is the name of somebody who was deleted. */
const deletion = z.object({ leadId: wholeNumber });

/**
 * Ids of the leads that were deleted after a moment, a page at a time, some perhaps twice. Marketo may forget deletions that are
 * older than 14 days, and does not tell here of leads that were merged away (Adobe: Get Deleted Leads).
 *
 * @param since ISO 8601 with `Z`
 * @throws MarketoError, of code 603 where the API user lacks Read-Only Activity
 */
export async function* deletedLeads(
  client: MarketoClient,
  since: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly number[]> {
  const call = { endpoint: 'deletedLeads', path: 'rest/v1/activities/deletedleads.json', signal };
  for await (const page of activityPages(client, call, since, deletion)) yield page.map(({ leadId }) => leadId);
}

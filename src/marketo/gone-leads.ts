import { formatSeconds } from '../contract/dates.js';
import type { MarketoClient } from './client.js';
import { deletedLeads } from './deleted-leads.js';
import { MarketoError } from './marketo-errors.js';
import { mergedLeads } from './merged-leads.js';

/** Why a lead is not in the instance any more. */
export type GoneReason = 'deleted' | 'merged';

/**
 * So long before the call the next collection begins: clocks differ, and nothing says how soon an activity is told of. What is
 * told twice does no harm.
 */
const MARGIN_SECONDS = 600;

/** How a collection ended. */
export type GoneOutcome =
  | {
      readonly outcome: 'complete';
      /** From here on the next collection must ask: ISO 8601 with `Z`. */
      readonly until: string;
      /** Merges that name no lead. */
      readonly unnamedMerges: number;
    }
  /** The API user may not read activities: its role lacks Read-Only Activity. */
  | { readonly outcome: 'noPermission' };

/**
 * Tells of every lead that was deleted, or merged into another, since a moment: by both, since Marketo does not say whether the
 * losers of a merge count as deleted.
 *
 * @param since ISO 8601 with `Z`
 * @param onGone called once or more for each lead; also before a collection that fails
 * @throws MarketoError
 */
export async function collectGoneLeads(
  client: MarketoClient,
  { since, nowSeconds }: { readonly since: string; readonly nowSeconds: number },
  onGone: (leadId: number, reason: GoneReason) => void,
  signal?: AbortSignal,
): Promise<GoneOutcome> {
  let unnamedMerges = 0;
  try {
    for await (const ids of deletedLeads(client, since, signal)) for (const id of ids) onGone(id, 'deleted');
    for await (const { losers, unnamed } of mergedLeads(client, since, signal)) {
      for (const id of losers) onGone(id, 'merged');
      unnamedMerges += unnamed;
    }
  } catch (error) {
    if (error instanceof MarketoError && error.code === '603') return { outcome: 'noPermission' };
    throw error;
  }
  return { outcome: 'complete', until: formatSeconds(nowSeconds - MARGIN_SECONDS), unnamedMerges };
}

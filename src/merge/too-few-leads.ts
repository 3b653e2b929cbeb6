import { RunFailure } from '../contract/failures.js';
import { count } from '../text/format.js';
import { headObject } from '../storage/objects.js';
import type { Contribution } from './deduplicate.js';
import { readManifest } from './manifest-file.js';
import type { MergeContext } from './merge-context.js';
import { isOurs } from './publish.js';

/**
 * Keeps a run from replacing an output by one that can only be a mistake: with fewer leads than `minLeads`, or without that
 * with none where there are some now.
 *
 * @throws RunFailure `TooFewLeads`
 */
export async function refuseTooFew(context: MergeContext, contributions: readonly Contribution[]): Promise<void> {
  const leads = contributions.reduce((sum, contribution) => sum + contribution.leads, 0);
  const { minLeads, destination } = context;
  if (leads >= (minLeads ?? 1)) return;
  if (minLeads === undefined && !(await hasLeads(context))) return;
  throw new RunFailure(
    'TooFewLeads',
    minLeads === undefined
      ? `The instance exports no lead, and ${destination} has some: it was left as it is. If that is right, give "minLeads": 0`
      : `The output would have ${count(leads)} leads, and minLeads asks for ${count(minLeads)}: nothing was published`,
  );
}

/** Whether the output that is there has any leads: by its manifest, or where it has none by not being empty. */
async function hasLeads({ store, output, plan, signal }: MergeContext): Promise<boolean> {
  const present = await headObject(store, output.object, signal);
  if (!present || isOurs(present, plan)) return false;
  const manifest = await readManifest(store, output, signal);
  return manifest?.etag === present.etag ? manifest.leads > 0 : present.bytes > 0;
}

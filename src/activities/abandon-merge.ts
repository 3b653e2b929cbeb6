import type { PlanRef } from '../contract/activities.js';
import { abandonPublication } from '../merge/publication-record.js';
import { runNamesOf } from '../parts/output-names.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Aborts the upload of an output that will not be published. Called by workflows alone, in a scope that a cancellation does
 * not reach.
 */
export async function abandonMerge(
  { store }: Dependencies,
  _attempt: Attempt,
  { plan }: { readonly plan: PlanRef },
): Promise<void> {
  await abandonPublication(store, runNamesOf(plan));
}

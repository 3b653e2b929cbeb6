import type { PlanRef } from '../contract/activities.js';
import { clearRun } from '../parts/clear-run.js';
import { isPart, runNamesOf } from '../parts/output-names.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/** Deletes all that a published run left in its folder of parts, but for the parts themselves where they are to be kept. */
export async function cleanUp(
  { store }: Dependencies,
  { signal }: Attempt,
  { plan, keepParts }: { readonly plan: PlanRef; readonly keepParts: boolean },
): Promise<void> {
  await clearRun(store, runNamesOf(plan), (key) => !(keepParts && isPart(key)), signal);
}

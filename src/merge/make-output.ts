import type { MergeSummary } from '../contract/activities.js';
import { IdSet } from '../csv/id-set.js';
import { readPlan } from '../plan/plan-record.js';
import { SourceChangedError } from '../storage/compose.js';
import { isNotFound, isPreconditionFailed } from '../storage/s3-errors.js';
import { account, findAccount } from './account.js';
import { collectParts } from './collect-parts.js';
import { composeOutput } from './compose-output.js';
import { deduplicate } from './deduplicate.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';
import { findPublished, publish } from './publish.js';
import { refuseTooFew } from './too-few-leads.js';

/**
 * Makes the output of the verified parts and publishes it: object → id set → manifest → commit records deleted. Each step is found
 * done when it is done, so that an attempt after a crash goes on where the last one stopped, and one that another has
 * overtaken tells what that one made.
 *
 * @throws RunFailure `MergeMismatch`, `DestinationChanged`
 */
export async function makeOutput(context: MergeContext): Promise<MergeSummary> {
  const earlier = await findAccount(context);
  if (earlier) return earlier;
  const [ids, gone] = [new IdSet(), new IdSet()];
  try {
    const plan = await readPlan(context.store, context.plan);
    const records = await collectParts(context, plan);
    const contributions = await deduplicate(context, plan, records, { seen: ids, gone });
    await refuseTooFew(context, contributions);
    const object =
      (await findPublished(context)) ??
      (await publish(context, await composeOutput(context, plan, contributions, ids)));
    // What is published is accounted for, whoever asks to stop now: an object without its manifest would be of no use.
    return await account({ ...context, signal: new AbortController().signal }, plan, contributions, object, ids);
  } catch (error) {
    const meanwhile = await findAccount(context);
    if (meanwhile) return meanwhile;
    if (error instanceof SourceChangedError) throw mergeMismatch(error.message);
    if (!isPreconditionFailed(error) && !isNotFound(error)) throw error;
    throw mergeMismatch(`An object under ${context.run.prefix} is gone or not the one that was verified`);
  } finally {
    ids.dispose();
    gone.dispose();
  }
}

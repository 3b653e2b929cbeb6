import type { MergeSummary } from '../contract/activities.js';
import { goneSince, readPlan, type PlanRecord } from '../plan/plan-record.js';
import { SourceChangedError } from '../storage/compose.js';
import { headObject } from '../storage/objects.js';
import { isNotFound, isPreconditionFailed } from '../storage/s3-errors.js';
import { account, findAccount } from './account.js';
import { stageChanges } from './changes.js';
import { composeOutput } from './compose-output.js';
import { disposeGone, readGone, type Gone } from './gone-record.js';
import { mergeAll, rowsInOrder, type Merged } from './merge-all.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';
import { readMerged, writeMerged } from './merged-record.js';
import { findPublished, isOurs, publish, type PublishedObject } from './publish.js';
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
  let merged: Merged | undefined;
  let gone: Gone | undefined;
  let published: PublishedObject | undefined;
  try {
    const plan = await readPlan(context.store, context.plan);
    gone = await readGone(context.store, context.run, goneSince(plan));
    published = await findPublished(context);
    // The base of a published update is no more.
    merged = published && plan.mode === 'update' ? await readMerged(context) : await mergeAll(context, plan, gone);
    const object = published ?? (await publishAll(context, plan, merged, gone));
    // What is published is accounted for, whoever asks to stop now: an object without its manifest would be of no use.
    const signalless = { ...context, signal: new AbortController().signal };
    return await account(signalless, { plan, merged, gone: gone?.record, object });
  } catch (error) {
    const meanwhile = await findAccount(context);
    if (meanwhile) return meanwhile;
    // Another attempt may have published an update just now, so that its base is gone for this one.
    if (!published && (await isPublished(context))) return await makeOutput(context);
    if (error instanceof SourceChangedError) throw mergeMismatch(error.message);
    if (!isPreconditionFailed(error) && !isNotFound(error)) throw error;
    throw mergeMismatch(`An object under ${context.run.prefix} is gone or not the one that was verified`);
  } finally {
    merged?.ids.dispose();
    if (gone) disposeGone(gone);
  }
}

async function isPublished({ store, output, plan }: MergeContext): Promise<boolean> {
  const present = await headObject(store, output.object);
  return present !== null && isOurs(present, plan);
}

async function publishAll(
  context: MergeContext,
  plan: PlanRecord,
  merged: Merged,
  gone: Gone | undefined,
): ReturnType<typeof publish> {
  const rows = rowsInOrder(merged);
  await refuseTooFew(context, rows);
  const composed = await composeOutput(context, plan, rows, merged.ids);
  if (plan.mode === 'update') {
    await writeMerged(context, merged);
    if (context.keepChanges && gone) await stageChanges(context, plan, merged, gone);
  }
  return publish(context, composed);
}

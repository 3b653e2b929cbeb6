import type { PlanRef } from '../contract/activities.js';
import { RunFailure } from '../contract/failures.js';
import { abortUpload, completeUpload } from '../storage/multipart-upload.js';
import { headObject, type ObjectHead } from '../storage/objects.js';
import { isNoSuchUpload, isPreconditionFailed } from '../storage/s3-errors.js';
import type { ComposedOutput } from './compose-output.js';
import { asPlanned, mergeMismatch, type MergeContext } from './merge-context.js';
import { readPublication, writePublication } from './publication-record.js';
import { PLAN_METADATA } from './write-options.js';

/** The output as it lies at its destination. */
export interface PublishedObject {
  readonly etag: string;
  readonly bytes: number;
  readonly crc32: number;
}

/** Whether an object was made by this plan: by an earlier attempt, then. */
export function isOurs({ metadata }: ObjectHead, plan: PlanRef): boolean {
  return metadata[PLAN_METADATA] === plan.sha256;
}

/**
 * The output, if an earlier attempt has published it.
 *
 * @throws RunFailure `DestinationChanged` if something else lies there than when the run was planned
 */
export async function findPublished(context: MergeContext): Promise<PublishedObject | undefined> {
  const { store, output, plan, destinationEtag, signal } = context;
  const present = await headObject(store, output.object, signal);
  if (present && isOurs(present, plan)) return verified(context, present);
  if ((present?.etag ?? null) !== destinationEtag) throw destinationChanged(context);
  return undefined;
}

/**
 * Publishes the composed output, all at once: readers see what was there before or the whole new object. The object that was
 * there when the run was planned, or nothing, must still be there.
 *
 * @throws RunFailure `DestinationChanged` if somebody else wrote the destination meanwhile, `MergeMismatch` if the output does
 * not have the CRC-32 that its parts were verified with
 */
export async function publish(
  context: MergeContext,
  { upload, parts, crc32 }: ComposedOutput,
): Promise<PublishedObject> {
  const { store, output, run, plan, destinationEtag, signal } = context;
  try {
    await writePublication(store, run, { plan: plan.sha256, upload, crc32 }, signal);
    await completeUpload(store, upload, parts, asPlanned(destinationEtag), crc32, signal);
  } catch (error) {
    if (!isNoSuchUpload(error) && !isPreconditionFailed(error)) throw error;
    // The answer of an earlier try may have been lost, or an attempt that was given up may have got there first: what lies
    // at the destination decides.
    const object = await headObject(store, output.object);
    if (isNoSuchUpload(error) && (object?.etag ?? null) === destinationEtag) throw error;
    await abortUpload(store, upload);
  }
  const object = await headObject(store, output.object);
  if (!object || !isOurs(object, plan)) throw destinationChanged(context);
  return verified(context, object);
}

/** @throws RunFailure `MergeMismatch` if S3 reports another CRC-32 than the chain gives */
async function verified({ store, run }: MergeContext, object: ObjectHead): Promise<PublishedObject> {
  const crc32 = (await readPublication(store, run))?.crc32;
  if (crc32 === undefined || (object.crc32 !== undefined && object.crc32 !== crc32)) {
    throw mergeMismatch('The object at the destination does not have the CRC-32 that its parts were verified with');
  }
  return { etag: object.etag, bytes: object.bytes, crc32 };
}

function destinationChanged({ destination }: MergeContext): RunFailure {
  return new RunFailure(
    'DestinationChanged',
    `${destination} was written by somebody else while the run was under way; it was left as it is, and the parts are kept`,
  );
}

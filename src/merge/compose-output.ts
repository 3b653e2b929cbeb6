import { formatOf } from '../contract/format.js';
import type { IdSet } from '../csv/id-set.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { SourceChangedError, type Composed } from '../storage/compose.js';
import { abortUpload, createUpload, listUploadedParts, type MultipartUpload } from '../storage/multipart-upload.js';
import { composeRanges } from './compose-ranges.js';
import type { Contribution } from './deduplicate.js';
import { FORMATS } from './formats/index.js';
import type { MergeContext } from './merge-context.js';
import { outputRanges } from './output-ranges.js';
import { readPublication, writePublication } from './publication-record.js';
import { writeOptionsOf } from './write-options.js';

/** An upload with all of the output in it, not yet to be seen by readers. */
export interface ComposedOutput extends Composed {
  readonly upload: MultipartUpload;
}

/**
 * Composes the output in an upload at its destination: S3 copies what can be copied, of the parts or of what the format makes
 * of them. What an earlier attempt made or copied is not made or copied again.
 *
 * @param ids of all leads of the output
 * @throws SourceChangedError, RunFailure `MergeMismatch` if something is not what was verified
 */
export async function composeOutput(
  context: MergeContext,
  plan: PlanRecord,
  contributions: readonly Contribution[],
  ids: IdSet,
): Promise<ComposedOutput> {
  const csv = await outputRanges(context, plan, contributions);
  const ranges = await FORMATS[formatOf(context.destination)]({ context, plan, contributions, ids, csv });
  const upload = await uploadFor(context);
  try {
    const stored = await listUploadedParts(context.store, upload);
    return { upload, ...(await composeRanges(context, upload, ranges, stored)) };
  } catch (error) {
    if (error instanceof SourceChangedError) await abortUpload(context.store, upload);
    throw error;
  }
}

/**
 * The upload of an earlier attempt at the same plan, so that what it copied need not be copied again; else a new one, written
 * down before it is used.
 */
async function uploadFor(context: MergeContext): Promise<MultipartUpload> {
  const { store, run, plan, output, signal } = context;
  const earlier = await readPublication(store, run);
  if (earlier) {
    const { upload } = earlier;
    const isOfPlan = earlier.plan === plan.sha256 && upload.key === output.object.key;
    if (isOfPlan && (await listUploadedParts(store, upload, signal)).length > 0) return upload;
    await abortUpload(store, upload, signal);
  }
  const upload = await createUpload(store, output.object, writeOptionsOf(context, plan.sha256), signal);
  await writePublication(store, run, { plan: plan.sha256, upload }, signal);
  return upload;
}

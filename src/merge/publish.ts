import { createGzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import type { MergePartsArgs, PlanRef } from '../contract/activities.js';
import type { RunNames } from '../parts/output-names.js';
import {
  combined,
  composeParts,
  CopyUnsupportedError,
  SourceChangedError,
  streamRanges,
  type CheckedRange,
  type Composed,
} from '../storage/compose.js';
import { isNoSuchUpload, isPreconditionFailed } from '../storage/s3-errors.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listUploadedParts,
  type Condition,
  type MultipartUpload,
  type UploadedPart,
} from '../storage/multipart-upload.js';
import type { ObjectStore } from '../storage/object-store.js';
import { headObject, type ObjectHead } from '../storage/objects.js';
import { uploadPartBytes, UploadWriter } from '../storage/upload-writer.js';
import { parseS3Url } from '../storage/s3-url.js';
import { DestinationChangedError, MergeMismatchError } from './errors.js';
import { readPublication, writePublication, type Publication } from './publication-record.js';

/** Metadata of the output that tells which plan it was made by: SHA-256 of the plan, 64 hex digits. */
const PLAN_METADATA = 'marketo-extract-plan';

export interface PublishOptions extends Pick<
  MergePartsArgs,
  'plan' | 'destination' | 'destinationEtag' | 'contentType' | 'tags'
> {
  readonly signal: AbortSignal;
  readonly onWarning: (message: string) => void;
}

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
 * Makes the output at its destination, all at once: readers see what was there before or the whole new object. The object
 * that was there when the run was planned, or nothing, must still be there.
 *
 * @param present what is at the destination now
 * @throws DestinationChangedError if somebody else wrote the destination meanwhile
 * @throws MergeMismatchError if the output does not have the CRC-32 that its parts were verified with
 */
export async function publish(
  store: ObjectStore,
  run: RunNames,
  options: PublishOptions,
  ranges: readonly CheckedRange[],
  present: ObjectHead | null,
): Promise<PublishedObject> {
  const earlier = await readPublication(store, run);
  if (present && isOurs(present, options.plan)) return published(present, earlier?.crc32);
  if ((present?.etag ?? null) !== options.destinationEtag) throw new DestinationChangedError(changedMessage(options));

  const upload = await uploadFor(store, run, options, earlier);
  try {
    const composed = await compose(store, upload, options, ranges);
    await writePublication(store, run, { plan: options.plan.sha256, upload, crc32: composed.crc32 });
    await completeUpload(store, upload, composed.parts, conditionOf(options), composed.crc32);
  } catch (error) {
    if (!isNoSuchUpload(error) && !isPreconditionFailed(error)) throw error;
    // The answer of an earlier try may have been lost, or an attempt that was given up may have got there first: what lies
    // at the destination decides.
    const object = await headObject(store, upload);
    if (isNoSuchUpload(error) && (object?.etag ?? null) === options.destinationEtag) throw error;
    await abortUpload(store, upload);
    if (object && isOurs(object, options.plan)) return published(object, (await readPublication(store, run))?.crc32);
    throw new DestinationChangedError(changedMessage(options));
  }
  const object = await headObject(store, upload);
  if (!object || !isOurs(object, options.plan)) throw new DestinationChangedError(changedMessage(options));
  return published(object, (await readPublication(store, run))?.crc32);
}

/** @throws MergeMismatchError if S3 reports another CRC-32 than the chain gives */
function published(object: ObjectHead, crc32: number | undefined): PublishedObject {
  if (crc32 === undefined || (object.crc32 !== undefined && object.crc32 !== crc32)) {
    throw new MergeMismatchError(
      'The object at the destination does not have the CRC-32 that its parts were verified with',
    );
  }
  return { etag: object.etag, bytes: object.bytes, crc32 };
}

/**
 * The upload of an earlier attempt at the same plan, so that what it copied need not be copied again; else a new one, written
 * down before it is used. A compressed output cannot be taken up again in the middle.
 */
async function uploadFor(
  store: ObjectStore,
  run: RunNames,
  { plan, destination, contentType, tags }: PublishOptions,
  earlier: Publication | null,
): Promise<MultipartUpload> {
  const location = parseS3Url(destination);
  const compressed = isCompressed(destination);
  if (earlier) {
    const { upload } = earlier;
    const isOfPlan = earlier.plan === plan.sha256 && upload.key === location.key;
    if (isOfPlan && !compressed && (await listUploadedParts(store, upload)).length > 0) return upload;
    await abortUpload(store, upload);
  }
  const upload = await createUpload(store, location, {
    contentType,
    ...(compressed && { contentEncoding: 'gzip' }),
    metadata: { [PLAN_METADATA]: plan.sha256 },
    tags,
  });
  await writePublication(store, run, { plan: plan.sha256, upload });
  return upload;
}

async function compose(
  store: ObjectStore,
  upload: MultipartUpload,
  { destination, signal, onWarning }: PublishOptions,
  ranges: readonly CheckedRange[],
): Promise<Composed> {
  try {
    if (isCompressed(destination)) return await composeByStreaming(store, upload, ranges, signal, true);
    try {
      return await composeParts(store, upload, ranges, await listUploadedParts(store, upload), signal);
    } catch (error) {
      if (!(error instanceof CopyUnsupportedError)) throw error;
      onWarning(`${error.message}: the output is streamed through the worker instead`);
      return await composeByStreaming(store, upload, ranges, signal, false);
    }
  } catch (error) {
    if (!(error instanceof SourceChangedError)) throw error;
    await abortUpload(store, upload);
    throw new MergeMismatchError(error.message);
  }
}

async function composeByStreaming(
  store: ObjectStore,
  upload: MultipartUpload,
  ranges: readonly CheckedRange[],
  signal: AbortSignal,
  compressed: boolean,
): Promise<Composed> {
  // Gzip never makes its input larger by more than a few bytes in a thousand (RFC 1951): the raw size bounds the parts.
  const { bytes } = combined(
    ranges.map((range) => ({ bytes: 'literal' in range ? range.literal.length : range.end - range.start, crc32: 0 })),
  );
  const writer = new UploadWriter({ store, upload, partBytes: uploadPartBytes(bytes * 1.01), uploaded: [], signal });
  const source = streamRanges(store, upload.bucket, ranges, signal);
  const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) await writer.write(chunk);
  };
  await (compressed ? pipeline(source, createGzip(), sink, { signal }) : pipeline(source, sink, { signal }));
  const parts: UploadedPart[] = await writer.finish();
  return { parts, ...combined(parts.map((part) => ({ bytes: part.bytes, crc32: part.crc32 ?? 0 }))) };
}

function isCompressed(destination: string): boolean {
  return destination.endsWith('.gz');
}

function conditionOf({ destinationEtag }: PublishOptions): Condition {
  return destinationEtag === null ? { ifNoneMatch: '*' } : { ifMatch: destinationEtag };
}

function changedMessage({ destination }: PublishOptions): string {
  return `${destination} was written by somebody else while the run was under way; it was left as it is, and the parts are kept`;
}

import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { PlanRecord } from '../plan/plan-record.js';
import {
  combined,
  composeParts,
  CopyUnsupportedError,
  SourceChangedError,
  streamRanges,
  type CheckedRange,
  type Composed,
} from '../storage/compose.js';
import { abortUpload, createUpload, listUploadedParts, type MultipartUpload } from '../storage/multipart-upload.js';
import { uploadPartBytesFor, UploadWriter } from '../storage/upload-writer.js';
import type { Contribution } from './deduplicate.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';
import { outputRanges } from './output-ranges.js';
import { readPublication, writePublication } from './publication-record.js';
import { isCompressed, writeOptionsOf } from './write-options.js';

/** An upload with all of the output in it, not yet to be seen by readers. */
export interface ComposedOutput extends Composed {
  readonly upload: MultipartUpload;
}

/**
 * Composes the output in an upload at its destination: S3 copies what can be copied. What an earlier attempt copied is not
 * copied again.
 *
 * @throws RunFailure `MergeMismatch` if a part is not the one that was verified
 */
export async function composeOutput(
  context: MergeContext,
  plan: PlanRecord,
  contributions: readonly Contribution[],
): Promise<ComposedOutput> {
  const ranges = await outputRanges(context, plan, contributions);
  const upload = await uploadFor(context);
  try {
    return { upload, ...(await compose(context, upload, ranges)) };
  } catch (error) {
    if (!(error instanceof SourceChangedError)) throw error;
    await abortUpload(context.store, upload);
    throw mergeMismatch(error.message);
  }
}

/**
 * The upload of an earlier attempt at the same plan, so that what it copied need not be copied again; else a new one, written
 * down before it is used. A compressed output cannot be taken up again in the middle.
 */
async function uploadFor(context: MergeContext): Promise<MultipartUpload> {
  const { store, run, plan, output, destination, signal } = context;
  const earlier = await readPublication(store, run);
  if (earlier) {
    const { upload } = earlier;
    const isOfPlan = earlier.plan === plan.sha256 && upload.key === output.object.key;
    const resumable = isOfPlan && !isCompressed(destination);
    if (resumable && (await listUploadedParts(store, upload, signal)).length > 0) return upload;
    await abortUpload(store, upload, signal);
  }
  const upload = await createUpload(store, output.object, writeOptionsOf(context, plan.sha256), signal);
  await writePublication(store, run, { plan: plan.sha256, upload }, signal);
  return upload;
}

async function compose(
  context: MergeContext,
  upload: MultipartUpload,
  ranges: readonly CheckedRange[],
): Promise<Composed> {
  const { store, destination, signal, onWarning } = context;
  if (isCompressed(destination)) return composeByStreaming(context, upload, ranges, true);
  try {
    return await composeParts(store, upload, ranges, await listUploadedParts(store, upload), signal);
  } catch (error) {
    if (!(error instanceof CopyUnsupportedError)) throw error;
    onWarning(`${error.message}: the output is streamed through the worker instead`);
    return composeByStreaming(context, upload, ranges, false);
  }
}

async function composeByStreaming(
  { store, signal }: MergeContext,
  upload: MultipartUpload,
  ranges: readonly CheckedRange[],
  compressed: boolean,
): Promise<Composed> {
  // Gzip never makes its input larger by more than a few bytes in a thousand (RFC 1951): the raw size bounds the parts.
  const { bytes } = combined(
    ranges.map((range) => ({ bytes: 'literal' in range ? range.literal.length : range.end - range.start, crc32: 0 })),
  );
  const writer = new UploadWriter({
    store,
    upload,
    uploadPartBytes: uploadPartBytesFor(bytes * 1.01),
    uploaded: [],
    signal,
  });
  const source = streamRanges(store, upload.bucket, ranges, signal);
  const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) await writer.write(chunk);
  };
  await (compressed ? pipeline(source, createGzip(), sink, { signal }) : pipeline(source, sink, { signal }));
  const parts = await writer.finish();
  return { parts, ...combined(parts.map((part) => ({ bytes: part.bytes, crc32: part.crc32 ?? 0 }))) };
}

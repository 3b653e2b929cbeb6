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
import { uploadPartBytes, UploadWriter } from '../storage/upload-writer.js';
import type { Contribution } from './deduplicate.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';
import { outputRanges } from './output-ranges.js';
import { readPublication, writePublication } from './publication-record.js';
import { PLAN_METADATA } from './publish.js';

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
async function uploadFor({ store, run, plan, output, contentType, tags }: MergeContext): Promise<MultipartUpload> {
  const compressed = isCompressed(output.object.key);
  const earlier = await readPublication(store, run);
  if (earlier) {
    const { upload } = earlier;
    const isOfPlan = earlier.plan === plan.sha256 && upload.key === output.object.key;
    if (isOfPlan && !compressed && (await listUploadedParts(store, upload)).length > 0) return upload;
    await abortUpload(store, upload);
  }
  const upload = await createUpload(store, output.object, {
    contentType,
    ...(compressed && { contentEncoding: 'gzip' }),
    metadata: { [PLAN_METADATA]: plan.sha256 },
    tags,
  });
  await writePublication(store, run, { plan: plan.sha256, upload });
  return upload;
}

async function compose(
  context: MergeContext,
  upload: MultipartUpload,
  ranges: readonly CheckedRange[],
): Promise<Composed> {
  const { store, output, signal, onWarning } = context;
  if (isCompressed(output.object.key)) return composeByStreaming(context, upload, ranges, true);
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
  const writer = new UploadWriter({ store, upload, partBytes: uploadPartBytes(bytes * 1.01), uploaded: [], signal });
  const source = streamRanges(store, upload.bucket, ranges, signal);
  const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) await writer.write(chunk);
  };
  await (compressed ? pipeline(source, createGzip(), sink, { signal }) : pipeline(source, sink, { signal }));
  const parts = await writer.finish();
  return { parts, ...combined(parts.map((part) => ({ bytes: part.bytes, crc32: part.crc32 ?? 0 }))) };
}

function isCompressed(key: string): boolean {
  return key.endsWith('.gz');
}

import {
  combined,
  composeParts,
  CopyUnsupportedError,
  streamRanges,
  type CheckedRange,
  type Composed,
} from '../storage/compose.js';
import type { MultipartUpload, UploadedPart } from '../storage/multipart-upload.js';
import { uploadPartBytesFor, UploadWriter } from '../storage/upload-writer.js';
import type { MergeContext } from './merge-context.js';

/**
 * Composes an upload of ranges of objects: S3 copies what can be copied; where it cannot, all is streamed through the worker.
 *
 * @param stored what an earlier attempt made of the same ranges
 * @throws SourceChangedError if a range is not what was verified
 */
export async function composeRanges(
  context: MergeContext,
  upload: MultipartUpload,
  ranges: readonly CheckedRange[],
  stored: readonly UploadedPart[],
): Promise<Composed> {
  const { store, signal, onWarning } = context;
  try {
    return await composeParts(store, upload, ranges, stored, signal);
  } catch (error) {
    if (!(error instanceof CopyUnsupportedError)) throw error;
    onWarning(`${error.message}: the output is streamed through the worker instead`);
    const { bytes } = sizeAndCrc(ranges);
    return uploadStream(context, upload, bytes, streamRanges(store, upload.bucket, ranges, signal));
  }
}

/** Size of ranges one after the other, and their CRC-32: known before they are. */
export function sizeAndCrc(ranges: readonly CheckedRange[]): { readonly bytes: number; readonly crc32: number } {
  return combined(
    ranges.map((range) => ({
      bytes: 'literal' in range ? range.literal.length : range.end - range.start,
      crc32: range.crc32,
    })),
  );
}

/** Fills an upload with bytes as they come. @param mostBytes how many they may be */
export async function uploadStream(
  { store, signal }: MergeContext,
  upload: MultipartUpload,
  mostBytes: number,
  source: AsyncIterable<Buffer>,
): Promise<Composed> {
  const uploadPartBytes = uploadPartBytesFor(mostBytes);
  const writer = new UploadWriter({ store, upload, uploadPartBytes, uploaded: [], signal });
  for await (const chunk of source) await writer.write(chunk);
  const parts = await writer.finish();
  return { parts, ...combined(parts.map((part) => ({ bytes: part.bytes, crc32: part.crc32 ?? 0 }))) };
}

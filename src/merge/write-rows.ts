import { crc32 } from '../bytes/crc32.js';
import type { CommittedPart } from '../parts/commit-record.js';
import type { CheckedSource } from '../storage/compose.js';
import { abortUpload, completeUpload, createUpload } from '../storage/multipart-upload.js';
import { uploadPartBytesFor, UploadWriter } from '../storage/upload-writer.js';
import { readPart, type PartContext } from './read-part.js';

/** A field of a quote and a character more has five once it is quoted anew; no row grows more than that. */
const MOST_GROWTH = 3;

/** Rows of a part as they come out of it. */
export interface Rows<C> {
  readonly bytes: AsyncIterable<Buffer>;
  /** Final once the bytes are at their end. */
  readonly counts: C;
}

/**
 * Writes rows of a part into an object of their own; their CRC-32 is computed where they are made.
 *
 * @param check is told the counts before the object appears; may throw
 * @throws RunFailure `MergeMismatch` if the part is not the one that was verified; nothing is left then
 */
export async function writeRows<C>(
  context: PartContext,
  part: CommittedPart,
  targetKey: string,
  rowsOf: (source: AsyncIterable<Buffer>) => Rows<C>,
  check: (counts: C) => void,
): Promise<CheckedSource> {
  const { store, signal } = context;
  const location = { bucket: context.run.bucket, key: targetKey };
  const upload = await createUpload(store, location, { contentType: 'text/csv' }, signal);
  try {
    const uploadPartBytes = uploadPartBytesFor(part.partBytes * MOST_GROWTH);
    const writer = new UploadWriter({ store, upload, uploadPartBytes, uploaded: [], signal });
    let crc = 0;
    let bytes = 0;
    const counts = await readPart(context, part, async (source) => {
      const rows = rowsOf(source);
      for await (const slice of rows.bytes) {
        crc = crc32(slice, crc);
        bytes += slice.length;
        await writer.write(slice);
      }
      return rows.counts;
    });
    check(counts);
    const { etag } = await completeUpload(store, upload, await writer.finish(), undefined, undefined, signal);
    return { key: targetKey, etag, start: 0, end: bytes, crc32: crc };
  } catch (error) {
    // An attempt that was only interrupted leaves its upload to the next one's clean-up; one that failed leaves nothing.
    if (!signal.aborted) await abortUpload(store, upload);
    throw error;
  }
}

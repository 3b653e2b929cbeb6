import { IdSet } from '../csv/id-set.js';
import { filterRecords } from '../csv/record-filter.js';
import type { CommittedPart } from '../parts/commit-record.js';
import type { CheckedSource } from '../storage/compose.js';
import { crc32 } from '../storage/crc32.js';
import { abortUpload, completeUpload, createUpload } from '../storage/multipart-upload.js';
import { getObjectStream } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import { partBytesFor, PartWriter } from '../storage/part-writer.js';
import { MergeMismatchError } from './errors.js';

/**
 * Writes the rows of a part whose id comes for the first time into an object of their own, byte for byte and without the
 * header.
 *
 * @param seen ids of all earlier windows
 * @param foretold rows that the id sets say will be kept and dropped
 * @throws MergeMismatchError if the part is not the one that was verified, or other rows are dropped than foretold
 */
export async function filterPart(
  store: ObjectStore,
  bucket: string,
  part: CommittedPart,
  targetKey: string,
  seen: IdSet,
  foretold: { readonly kept: number; readonly dropped: number },
  signal: AbortSignal,
): Promise<CheckedSource> {
  const upload = await createUpload(store, { bucket, key: targetKey }, { contentType: 'text/csv' });
  const inside = new IdSet();
  try {
    const writer = new PartWriter({ store, upload, partBytes: partBytesFor(part.bytes), stored: [], signal });
    const body = new BodyCrc(part);
    const rows = filterRecords(
      body.through(await getObjectStream(store, { bucket, key: part.key }, { ifMatch: part.etag, signal })),
      (high, low) => !seen.has(high, low) && inside.add(high, low),
      { header: 'drop', quoting: part.quoting },
    );
    let crc = 0;
    let bytes = 0;
    for await (const slice of rows.bytes) {
      crc = crc32(slice, crc);
      bytes += slice.length;
      await writer.write(slice);
    }
    body.check();
    const { kept, dropped } = rows.counts;
    if (kept !== foretold.kept || dropped !== foretold.dropped) {
      throw new MergeMismatchError(
        `Filtering ${part.key} kept ${kept} and dropped ${dropped} rows; the id sets say ${foretold.kept} and ${foretold.dropped}`,
      );
    }
    const { etag } = await completeUpload(store, upload, await writer.finish());
    return { key: targetKey, etag, start: 0, end: bytes, crc32: crc };
  } catch (error) {
    // An attempt that was only interrupted leaves its upload to the next one's clean-up; one that failed leaves nothing.
    if (!signal.aborted) await abortUpload(store, upload);
    throw error;
  } finally {
    inside.dispose();
  }
}

/** Checks on the way that a part's body is the one that was verified. */
class BodyCrc {
  private crc = 0;
  private position = 0;

  constructor(private readonly part: CommittedPart) {}

  async *through(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      const body = chunk.subarray(Math.max(0, Math.min(chunk.length, this.part.headerBytes - this.position)));
      this.crc = crc32(body, this.crc);
      this.position += chunk.length;
      yield chunk;
    }
  }

  /** @throws MergeMismatchError */
  check(): void {
    if (this.crc === this.part.bodyCrc32 && this.position === this.part.bytes) return;
    throw new MergeMismatchError(`The part ${this.part.key} is not what was verified`);
  }
}

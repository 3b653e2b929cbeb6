import { IdSet } from '../csv/id-set.js';
import { filterRecords } from '../csv/record-filter.js';
import type { CommittedPart } from '../parts/commit-record.js';
import type { CheckedSource } from '../storage/compose.js';
import { crc32 } from '../bytes/crc32.js';
import { abortUpload, completeUpload, createUpload } from '../storage/multipart-upload.js';
import { getObjectStream } from '../storage/objects.js';
import { uploadPartBytesFor, UploadWriter } from '../storage/upload-writer.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';
import { findKeptRanges } from './kept-ranges.js';

type FilterContext = Pick<MergeContext, 'store' | 'run' | 'signal'>;

/** Rows that are kept and left out. */
interface Counts {
  readonly kept: number;
  readonly dropped: number;
}

/**
 * Average length of ranges from which on copying beats writing: each boundary costs a request, and up to 5 MiB that are read
 * again to meet S3's least size of a part.
 */
const WORTH_A_COPY_BYTES = 20 * 1024 * 1024;

/**
 * The rows of a part whose id comes for the first time, byte for byte and without the header. Where they are a few long
 * ranges, as when neighbouring windows share the leads at their common edge, they stay where they are for S3 to copy;
 * otherwise they are written into an object of their own.
 *
 * @param seen ids of all earlier windows
 * @param foretold rows that the id sets say will be kept and dropped
 * @throws RunFailure `MergeMismatch` if the part is not the one that was verified, or other rows are dropped than foretold
 */
export async function filterPart(
  context: FilterContext,
  part: CommittedPart,
  targetKey: string,
  seen: IdSet,
  foretold: Counts,
): Promise<CheckedSource[]> {
  const { key, etag } = part;
  const inside = new IdSet();
  const keep = (high: number, low: number): boolean => !seen.has(high, low) && inside.add(high, low);
  try {
    const most = Math.max(2, Math.floor(part.partBytes / WORTH_A_COPY_BYTES));
    const found = await readPart(context, part, (source) =>
      findKeptRanges(source, keep, { most, quoteRule: part.quoteRule }),
    );
    if (found) {
      compare(part, found, foretold);
      return found.ranges.map((range) => ({ key, etag, ...range }));
    }
    inside.dispose();
    return [await writeKept(context, part, targetKey, keep, foretold)];
  } finally {
    inside.dispose();
  }
}

async function writeKept(
  context: FilterContext,
  part: CommittedPart,
  targetKey: string,
  keep: (high: number, low: number) => boolean,
  foretold: Counts,
): Promise<CheckedSource> {
  const { store, signal } = context;
  const { bucket } = context.run;
  const upload = await createUpload(store, { bucket, key: targetKey }, { contentType: 'text/csv' }, signal);
  try {
    const writer = new UploadWriter({
      store,
      upload,
      uploadPartBytes: uploadPartBytesFor(part.partBytes),
      uploaded: [],
      signal,
    });
    let crc = 0;
    let bytes = 0;
    const counts = await readPart(context, part, async (source) => {
      const rows = filterRecords(source, keep, { header: 'drop', quoteRule: part.quoteRule });
      for await (const slice of rows.bytes) {
        crc = crc32(slice, crc);
        bytes += slice.length;
        await writer.write(slice);
      }
      return rows.counts;
    });
    compare(part, counts, foretold);
    const { etag } = await completeUpload(store, upload, await writer.finish(), undefined, undefined, signal);
    return { key: targetKey, etag, start: 0, end: bytes, crc32: crc };
  } catch (error) {
    // An attempt that was only interrupted leaves its upload to the next one's clean-up; one that failed leaves nothing.
    if (!signal.aborted) await abortUpload(store, upload);
    throw error;
  }
}

/** Reads a part through; what is made of a part that was read to its end only counts if that is the verified one. */
async function readPart<R>(
  { store, run: { bucket }, signal }: FilterContext,
  part: CommittedPart,
  read: (source: AsyncIterable<Buffer>) => Promise<R>,
): Promise<R> {
  const body = new BodyCrc(part);
  const result = await read(
    body.through(await getObjectStream(store, { bucket, key: part.key }, { ifMatch: part.etag, signal })),
  );
  if (result !== undefined) body.check();
  return result;
}

/** @throws RunFailure `MergeMismatch` */
function compare(part: CommittedPart, { kept, dropped }: Counts, foretold: Counts): void {
  if (kept === foretold.kept && dropped === foretold.dropped) return;
  throw mergeMismatch(
    `Filtering ${part.key} kept ${kept} and dropped ${dropped} rows; the id sets say ${foretold.kept} and ${foretold.dropped}`,
  );
}

/** Checks on the way that a part's body is the one that was verified. */
class BodyCrc {
  private crc = 0;
  private position = 0;

  constructor(private readonly part: CommittedPart) {}

  async *through(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      const body = chunk.subarray(Math.max(0, Math.min(chunk.length, this.part.bodyStart - this.position)));
      this.crc = crc32(body, this.crc);
      this.position += chunk.length;
      yield chunk;
    }
  }

  /** @throws RunFailure `MergeMismatch` */
  check(): void {
    if (this.crc === this.part.bodyCrc32 && this.position === this.part.partBytes) return;
    throw mergeMismatch(`The part ${this.part.key} is not what was verified`);
  }
}

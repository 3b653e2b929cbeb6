import { crc32 } from '../bytes/crc32.js';
import type { CommittedPart } from '../parts/commit-record.js';
import { getObjectStream } from '../storage/objects.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';

/** What is needed to read a part and write rows of it. */
export type PartContext = Pick<MergeContext, 'store' | 'run' | 'signal'>;

/**
 * Reads a part through; what is made of a part that was read to its end only counts if that is the verified one.
 *
 * @param read gives nothing if it gave up before the end
 * @throws RunFailure `MergeMismatch`
 */
export async function readPart<R>(
  { store, run: { bucket }, signal }: PartContext,
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

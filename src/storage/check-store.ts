import { checkUploads } from './check-uploads.js';
import type { Condition } from './conditions.js';
import { deletesSingly, deleteObjects } from './delete-objects.js';
import { MIN_UPLOAD_PART_BYTES } from './multipart-upload.js';
import type { ObjectOptions } from './object-options.js';
import type { ObjectStore } from './object-store.js';
import { getBytes, listKeys, putBytes } from './objects.js';
import { StoreLacksError } from './s3-errors.js';
import { StoreProbe } from './store-probe.js';

/** What the output will be written with, and when to stop. */
export interface StoreCheck extends ObjectOptions {
  readonly signal?: AbortSignal | undefined;
}

/** S3 copies ranges only of objects of more than 5 MiB (Amazon S3: UploadPartCopy). */
const SOURCE_BYTES = MIN_UPLOAD_PART_BYTES + 10;

/**
 * Makes each kind of request that a run makes, once, on two objects of its own under a prefix: 24 requests, 5 MiB. Nothing of
 * them is left, whatever fails.
 *
 * @returns a sentence for each thing that the store lacks and that a run does without
 * @throws StoreLacksError naming all that the store lacks and that a run needs
 * @throws BucketError if the bucket is not there, is in another region, or does not permit a request, which it names
 */
export async function checkStore(
  store: ObjectStore,
  bucket: string,
  prefix: string,
  { signal, ...options }: StoreCheck = {},
): Promise<string[]> {
  const probe = new StoreProbe(store, bucket, prefix, signal);
  const source = Buffer.alloc(SOURCE_BYTES, 'a check that this bucket serves\n');
  try {
    await probe.findBucket();
    const etag = await probe.need('s3:PutObject', 'writes no object', () =>
      putBytes(store, probe.source, source, { signal }),
    );
    if (etag === undefined) throw new StoreLacksError(probe.lacks);
    await checkReading(probe, source);
    await checkConditions(probe);
    await checkUploads(probe, { etag, bytes: source }, options);
    await checkListing(probe);
    if (probe.lacks.length > 0) throw new StoreLacksError(probe.lacks);
    await checkDeleting(probe);
    if (probe.lacks.length > 0) throw new StoreLacksError(probe.lacks);
    return probe.doesWithout;
  } catch (error) {
    await probe.tidyUp();
    throw error;
  }
}

async function checkReading(probe: StoreProbe, bytes: Buffer): Promise<void> {
  const { store, source, signal, lacks } = probe;
  const range = { start: 5, end: 25 };
  const read = await probe.need('s3:GetObject', 'reads no ranges', () => getBytes(store, source, { range, signal }));
  if (read === null || read?.equals(bytes.subarray(range.start, range.end)) === false) {
    lacks.push('gives other bytes than the range that is asked for');
  }
}

/** Writes over nothing, then over what is there; not over what should not be there, nor over what is not there any more. */
async function checkConditions(probe: StoreProbe): Promise<void> {
  const { store, target, signal } = probe;
  const put = (text: string, condition: Condition): Promise<string> =>
    putBytes(store, target, Buffer.from(text), { condition, signal });
  const needed = (text: string, condition: Condition): Promise<string | undefined> =>
    probe.need('s3:PutObject', 'writes no object on a condition', () => put(text, condition));
  const first = await needed('1', { ifNoneMatch: '*' });
  if (first === undefined) return;
  if (!(await probe.mustRefuse('PutObject with If-None-Match', () => put('12', { ifNoneMatch: '*' })))) return;
  if ((await needed('123', { ifMatch: first })) === undefined) return;
  await probe.mustRefuse('PutObject with If-Match', () => put('1234', { ifMatch: first }));
}

async function checkListing(probe: StoreProbe): Promise<void> {
  const { store, bucket, prefix, source, signal, lacks } = probe;
  const keys = await probe.need('s3:ListBucket', 'lists no objects', async () => {
    const found: string[] = [];
    for await (const key of listKeys(store, bucket, prefix, signal)) found.push(key);
    return found;
  });
  if (keys?.includes(source.key) === false) lacks.push('does not list an object');
}

async function checkDeleting(probe: StoreProbe): Promise<void> {
  const { store, bucket, source, target, signal } = probe;
  await probe.need('s3:DeleteObject', 'deletes no objects', () =>
    deleteObjects(store, bucket, [source.key, target.key], signal),
  );
  if (deletesSingly(store)) {
    probe.doesWithout.push('The store does not delete several objects at once: they are deleted one by one');
  }
}

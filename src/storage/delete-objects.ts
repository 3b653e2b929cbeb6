import { DeleteObjectCommand, DeleteObjectsCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { mapLimited } from './map-limited.js';
import type { ObjectStore } from './object-store.js';
import { isNotFound, isRefused } from './s3-errors.js';
import type { ObjectLocation } from './s3-url.js';
import { awaited } from './signals.js';

/** Keys that one request deletes at most (Amazon S3: DeleteObjects). */
const DELETE_BATCH = 1000;

/** Single deletes under way at once, where the store takes no batch. */
const SINGLE_DELETES = 8;

/** Stores that take no batch of deletes, such as those that want a Content-MD5 with it, which the SDK does not send. */
const singleDeleters = new WeakSet<ObjectStore>();

/** Whether a store has refused to delete many objects by one request. */
export function deletesSingly(store: ObjectStore): boolean {
  return singleDeleters.has(store);
}

/** Deletes objects; those that are not there count as deleted. One by one where the store takes no batch. */
export async function deleteObjects(
  store: ObjectStore,
  bucket: string,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (let start = 0; start < keys.length; start += DELETE_BATCH) {
    const batch = keys.slice(start, start + DELETE_BATCH);
    if (!deletesSingly(store)) {
      try {
        await deleteBatch(store, bucket, batch, signal);
        continue;
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    }
    await mapLimited(batch, SINGLE_DELETES, (key) => deleteOne(store, { bucket, key }, signal));
    singleDeleters.add(store);
  }
}

async function deleteBatch(
  { client }: ObjectStore,
  bucket: string,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const command = new DeleteObjectsCommand({
    Bucket: bucket,
    Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
  });
  const { Errors } = await awaited(signal, () => client.send(command));
  const failed = Errors?.find(({ Code }) => Code !== 'NoSuchKey');
  if (!failed) return;
  throw new S3ServiceException({
    name: failed.Code ?? 'InternalError',
    $fault: 'server',
    $metadata: {},
    message: `could not delete ${failed.Key ?? 'an object'}`,
  });
}

async function deleteOne(
  { client }: ObjectStore,
  { bucket, key }: ObjectLocation,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await awaited(signal, () => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

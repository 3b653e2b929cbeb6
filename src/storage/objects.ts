import type { Readable } from 'node:stream';
import { types } from 'node:util';
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { decodeCrc32 } from '../bytes/crc32.js';
import { defined } from '../contract/defined.js';
import { conditionParameters, onCondition, type Condition } from './conditions.js';
import { BucketError, isNotFound, isPreconditionFailed, ReadBrokenOffError, told } from './s3-errors.js';
import { deleteObjects } from './delete-objects.js';
import { writeParameters, type ObjectOptions } from './object-options.js';
import type { ObjectStore } from './object-store.js';
import type { ObjectLocation } from './s3-url.js';
import { awaited, droppable } from './signals.js';

export { deleteObjects } from './delete-objects.js';

export interface ObjectHead {
  readonly etag: string;
  readonly bytes: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** CRC-32 of the whole object, where S3 has it. */
  readonly crc32?: number;
}

/** How an object is written. */
export interface PutOptions extends ObjectOptions {
  readonly condition?: Condition;
  /** Nothing is written once it is aborted; an answer that is under way is waited for. */
  readonly signal?: AbortSignal | undefined;
}

/** An object's head, or `null` where there is none. */
export async function headObject(
  { client }: ObjectStore,
  { bucket, key }: ObjectLocation,
  signal?: AbortSignal,
): Promise<ObjectHead | null> {
  try {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' });
    const head = await droppable(signal, (options) => client.send(command, options));
    return {
      etag: told(head.ETag, 'an ETag', key),
      bytes: head.ContentLength ?? 0,
      metadata: head.Metadata ?? {},
      ...defined({ crc32: decodeCrc32(head.ChecksumCRC32) }),
    };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

export interface GetOptions {
  /** The request fails with 412 if the object is another one. */
  readonly ifMatch?: string;
  /** First byte, and the one after the last. */
  readonly range?: { readonly start: number; readonly end: number };
  readonly signal?: AbortSignal | undefined;
}

/**
 * An object's bytes, chunk by chunk as they come. Of a whole object the SDK checks the checksum on the way, where S3 has one; of a
 * range nobody does.
 *
 * @throws ReadBrokenOffError while they are read; once the signal is aborted, its reason
 */
export async function getObjectStream(
  store: ObjectStore,
  location: ObjectLocation,
  options: GetOptions = {},
): Promise<AsyncIterable<Buffer>> {
  return (await open(store, location, options)).body;
}

async function open(
  { client }: ObjectStore,
  { bucket, key }: ObjectLocation,
  { ifMatch, range, signal }: GetOptions,
): Promise<{ readonly body: AsyncIterable<Buffer>; readonly etag: string | undefined }> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ...defined({ IfMatch: ifMatch, Range: range && `bytes=${range.start}-${range.end - 1}` }),
  });
  const { Body, ETag } = await droppable(signal, (options) => client.send(command, options));
  return { body: readBody(told(Body, 'a body', key) as Readable, key, signal), etag: ETag };
}

async function* readBody(body: Readable, key: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    // A request that is aborted in the middle ends as if the connection had broken.
    signal?.throwIfAborted();
    throw types.isNativeError(error) ? new ReadBrokenOffError(key, error) : error;
  }
}

/** A small object with its ETag, or `null` where there is none. */
export async function getObject(
  store: ObjectStore,
  location: ObjectLocation,
  options: GetOptions = {},
): Promise<{ readonly bytes: Buffer; readonly etag: string } | null> {
  try {
    const { body, etag } = await open(store, location, options);
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return { bytes: Buffer.concat(chunks), etag: told(etag, 'an ETag', location.key) };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** A small object's bytes, or `null` where there is none. */
export async function getBytes(
  store: ObjectStore,
  location: ObjectLocation,
  options: GetOptions = {},
): Promise<Buffer | null> {
  return (await getObject(store, location, options))?.bytes ?? null;
}

/**
 * Writes a small object; returns its ETag. With a condition, an object that has these very bytes already counts as written: the
 * answer to an earlier try may have been lost, and the next one then meets its own object.
 *
 * @throws an error that `isPreconditionFailed` knows, where the condition does not hold
 */
export async function putBytes(
  store: ObjectStore,
  location: ObjectLocation,
  bytes: Buffer,
  { condition, signal, ...options }: PutOptions = {},
): Promise<string> {
  const { client, encryption } = store;
  const { bucket, key } = location;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ...writeParameters(options),
    ...conditionParameters(condition),
    ...encryption,
  });
  try {
    const { ETag } = await onCondition(
      condition,
      () => awaited(signal, () => client.send(command)),
      async () => (await headObject(store, location, signal))?.etag ?? null,
    );
    return told(ETag, 'an ETag', key);
  } catch (error) {
    if (condition === undefined || !isPreconditionFailed(error)) throw error;
    const there = await headObject(store, location, signal);
    if (there?.bytes !== bytes.length) throw error;
    const written = await getBytes(store, location, { ifMatch: there.etag, signal });
    if (written?.equals(bytes) !== true) throw error;
    return there.etag;
  }
}

/** All keys that begin with a prefix. */
export async function* listKeys(
  { client }: ObjectStore,
  bucket: string,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  let ContinuationToken: string | undefined;
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken });
    const page = await droppable(signal, (options) => client.send(command, options));
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

/**
 * Makes sure that a bucket is there and can be written: a small object is put under a key and deleted again.
 *
 * @throws BucketError saying what is wrong
 */
export async function checkBucket(store: ObjectStore, bucket: string, probeKey: string): Promise<void> {
  try {
    await store.client.send(new HeadBucketCommand({ Bucket: bucket }));
    await putBytes(store, { bucket, key: probeKey }, Buffer.from('A check that this bucket can be written.\n'));
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 404) throw new BucketError('NoSuchBucket', `the bucket ${bucket} does not exist`);
    if (status === 403 || status === 401) {
      throw new BucketError(
        'AccessDenied',
        `the bucket ${bucket} refuses the worker's credentials: see that they are right and that the policy allows reading and writing`,
      );
    }
    throw error;
  }
  await deleteObjects(store, bucket, [probeKey]);
}

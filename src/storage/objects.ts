import type { Readable } from 'node:stream';
import { types } from 'node:util';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { decodeCrc32 } from '../bytes/crc32.js';
import { BucketError, isNotFound, ReadBrokenOffError } from './s3-errors.js';
import type { ObjectStore } from './object-store.js';
import type { ObjectLocation } from './s3-url.js';

export interface ObjectHead {
  readonly etag: string;
  readonly bytes: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** CRC-32 of the whole object, where S3 has it. */
  readonly crc32?: number;
}

/** What an object is written with. */
export interface ObjectOptions {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Keys that one request deletes at most (Amazon S3: DeleteObjects). */
const DELETE_BATCH = 1000;

/** An object's head, or `null` where there is none. */
export async function headObject({ client }: ObjectStore, { bucket, key }: ObjectLocation): Promise<ObjectHead | null> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }));
    const crc32 = decodeCrc32(head.ChecksumCRC32);
    return {
      etag: head.ETag ?? '',
      bytes: head.ContentLength ?? 0,
      metadata: head.Metadata ?? {},
      ...(crc32 !== undefined && { crc32 }),
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
  readonly signal?: AbortSignal;
}

/**
 * An object's bytes, chunk by chunk as they come. Of a whole object the SDK checks the checksum on the way, where S3 has one; of a
 * range nobody does.
 *
 * @throws ReadBrokenOffError while they are read; once the signal is aborted, its reason
 */
export async function getObjectStream(
  { client }: ObjectStore,
  { bucket, key }: ObjectLocation,
  { ifMatch, range, signal }: GetOptions = {},
): Promise<AsyncIterable<Buffer>> {
  const { Body } = await client.send(
    new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(ifMatch !== undefined && { IfMatch: ifMatch }),
      ...(range && { Range: `bytes=${range.start}-${range.end - 1}` }),
    }),
    signal ? { abortSignal: signal } : {},
  );
  if (Body === undefined) throw new Error(`S3 answered without a body for ${key}`);
  return readBody(Body as Readable, key, signal);
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

/** A small object's bytes, or `null` where there is none. */
export async function getBytes(
  store: ObjectStore,
  location: ObjectLocation,
  options: GetOptions = {},
): Promise<Buffer | null> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of await getObjectStream(store, location, options)) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** Writes a small object; returns its ETag. */
export async function putBytes(
  { client, encryption }: ObjectStore,
  { bucket, key }: ObjectLocation,
  bytes: Buffer,
  options: ObjectOptions = {},
): Promise<string> {
  const { ETag } = await client.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ...writeParameters(options), ...encryption }),
  );
  return ETag ?? '';
}

/** Deletes objects; those that are not there count as deleted. */
export async function deleteObjects({ client }: ObjectStore, bucket: string, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += DELETE_BATCH) {
    const batch = keys.slice(start, start + DELETE_BATCH);
    const { Errors } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: batch.map((Key) => ({ Key })), Quiet: true } }),
    );
    const failed = Errors?.find(({ Code }) => Code !== 'NoSuchKey');
    if (failed) {
      throw new S3ServiceException({
        name: failed.Code ?? 'InternalError',
        $fault: 'server',
        $metadata: {},
        message: `could not delete ${failed.Key ?? 'an object'}`,
      });
    }
  }
}

/** All keys that begin with a prefix. */
export async function* listKeys({ client }: ObjectStore, bucket: string, prefix: string): AsyncGenerator<string> {
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }));
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

/** The request parameters that make up {@link ObjectOptions}. */
export function writeParameters({ contentType, contentEncoding, metadata, tags }: ObjectOptions): {
  ContentType?: string;
  ContentEncoding?: string;
  Metadata?: Record<string, string>;
  Tagging?: string;
} {
  return {
    ...(contentType !== undefined && { ContentType: contentType }),
    ...(contentEncoding !== undefined && { ContentEncoding: contentEncoding }),
    ...(metadata && { Metadata: metadata }),
    ...(tags && Object.keys(tags).length > 0 && { Tagging: new URLSearchParams(tags).toString() }),
  };
}

import { createCipheriv, createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { createObjectStore, type ObjectStore } from '../../src/storage/object-store.js';
import { newBucket } from '../helpers/s3.js';

export const MEBIBYTE = 2 ** 20;

/** The tests' S3 as the service connects to it, and a bucket of its own. */
export async function testStore(): Promise<{ store: ObjectStore; client: S3Client; bucket: string }> {
  const store = createObjectStore({ forcePathStyle: true });
  return { store, client: store.client, bucket: await newBucket(store.client) };
}

/** Bytes without a pattern, the same ones for the same seed. */
export function noise(bytes: number, seed = 1): Buffer {
  const key = createHash('sha256').update(`${seed}`).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

/** Cuts bytes into chunks of sizes that nothing else has. */
export function* chunksOf(bytes: Buffer, ...sizes: readonly number[]): Generator<Buffer> {
  for (let [offset, turn] = [0, 0]; offset < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    // Memory of its own, which is overwritten once it was taken: a writer must not keep it.
    const chunk = Buffer.from(bytes.subarray(offset, offset + size));
    yield chunk;
    chunk.fill(0);
    offset += size;
  }
}

/** Lets S3 list so many of a kind in one answer, until the returned function is called: its own pages are too large for tests. */
export function withPagesOf(client: S3Client, items: number): () => void {
  const limits: Readonly<Record<string, string>> = {
    ListPartsCommand: 'MaxParts',
    ListMultipartUploadsCommand: 'MaxUploads',
    ListObjectsV2Command: 'MaxKeys',
  };
  client.middlewareStack.add(
    (next, context) => (args) => {
      const limit = limits[String(context['commandName'])];
      return next(limit === undefined ? args : { ...args, input: { ...args.input, [limit]: items } });
    },
    { step: 'initialize', name: 'withPagesOf' },
  );
  return () => {
    client.middlewareStack.remove('withPagesOf');
  };
}

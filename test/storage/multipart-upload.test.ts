import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import { crc32 } from '../../src/bytes/crc32.js';
import { describeS3Error, isNoSuchUpload, isPreconditionFailed } from '../../src/storage/s3-errors.js';
import {
  abortUpload,
  completeUpload,
  uploadPartCopy,
  createUpload,
  findUploads,
  listUploadedParts,
  uploadPart,
  type MultipartUpload,
  type UploadedPart,
} from '../../src/storage/multipart-upload.js';
import { headObject, putBytes } from '../../src/storage/objects.js';
import type { ObjectStore } from '../../src/storage/object-store.js';
import { readObject } from '../helpers/s3.js';
import { MEBIBYTE, noise, testStore, withPagesOf } from './helpers.js';

let store: ObjectStore;
let client: S3Client;
let bucket: string;

beforeAll(async () => {
  ({ store, client, bucket } = await testStore());
});

afterAll(() => {
  client.destroy();
});

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** An upload with one part. */
async function begin(key: string, bytes: Buffer): Promise<{ upload: MultipartUpload; parts: UploadedPart[] }> {
  const upload = await createUpload(store, { bucket, key });
  return { upload, parts: [await uploadPart(store, upload, 1, bytes, crc32(bytes))] };
}

describe('an upload', () => {
  it('becomes an object with what it was begun with, and the CRC-32 of the whole', async () => {
    const halves = [noise(5 * MEBIBYTE, 1), noise(10, 2)] as const;
    const whole = Buffer.concat(halves);
    const upload = await createUpload(
      store,
      { bucket, key: 'whole' },
      {
        contentType: 'text/csv',
        metadata: { 'marketo-extract-plan': 'abc' },
        tags: { team: 'Ops & Co', 'cost center': '1=2' },
      },
    );
    const parts = [
      await uploadPart(store, upload, 1, halves[0], crc32(halves[0])),
      await uploadPart(store, upload, 2, halves[1], crc32(halves[1])),
    ];
    const { etag } = await completeUpload(store, upload, parts, undefined, crc32(whole));
    expect(await headObject(store, upload)).toEqual({
      etag,
      bytes: whole.length,
      metadata: { 'marketo-extract-plan': 'abc' },
      crc32: crc32(whole),
    });
    const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: 'whole' }));
    expect(TagSet).toEqual(
      expect.arrayContaining([
        { Key: 'team', Value: 'Ops & Co' },
        { Key: 'cost center', Value: '1=2' },
      ]),
    );
  });

  it('refuses a part whose bytes have another CRC-32', async () => {
    const { upload } = await begin('bad part', noise(100));
    const error = await failureOf(uploadPart(store, upload, 2, noise(100), 1));
    expect(describeS3Error(error)).toMatchObject({ retryable: false, access: false });
    expect((await listUploadedParts(store, upload)).map(({ partNumber }) => partNumber)).toEqual([1]);
  });

  it('is not completed to an object with another CRC-32', async () => {
    const bytes = noise(100);
    const { upload, parts } = await begin('bad whole', bytes);
    const error = await failureOf(completeUpload(store, upload, parts, undefined, (crc32(bytes) ^ 1) >>> 0));
    expect(describeS3Error(error)).toMatchObject({ retryable: false, access: false });
    expect(await headObject(store, upload)).toBeNull();
  });

  it('is not completed of a part with another CRC-32', async () => {
    const bytes = noise(100);
    const { upload, parts } = await begin('bad listed part', bytes);
    const others = parts.map((part) => ({ ...part, crc32: (crc32(bytes) ^ 1) >>> 0 }));
    const error = await failureOf(completeUpload(store, upload, others));
    expect(error).toMatchObject({ name: 'BadDigest' });
    expect(await headObject(store, upload)).toBeNull();
  });

  it('is completed of parts of which some are known without a CRC-32', async () => {
    const halves = [noise(5 * MEBIBYTE, 1), noise(10, 2)] as const;
    const { upload, parts } = await begin('half known', halves[0]);
    const known = parts.map(({ partNumber, etag, bytes }) => ({ partNumber, etag, bytes }));
    const last = await uploadPart(store, upload, 2, halves[1], crc32(halves[1]));
    await completeUpload(store, upload, [...known, last]);
    expect((await headObject(store, upload))?.crc32).toBe(crc32(Buffer.concat(halves)));
  });

  it('is gone once it is completed', async () => {
    const { upload, parts } = await begin('twice', noise(100));
    await completeUpload(store, upload, parts);
    expect(isNoSuchUpload(await failureOf(uploadPart(store, upload, 2, noise(5), crc32(noise(5)))))).toBe(true);
    expect(await listUploadedParts(store, upload)).toEqual([]);
    await expect(abortUpload(store, upload)).resolves.toBeUndefined();
    expect(await readObject(client, bucket, 'twice')).toEqual(noise(100));
  });

  it('may be aborted twice', async () => {
    const { upload } = await begin('aborted', noise(100));
    await abortUpload(store, upload);
    await expect(abortUpload(store, upload)).resolves.toBeUndefined();
    expect(await listUploadedParts(store, upload)).toEqual([]);
    expect(await findUploads(store, bucket, 'aborted')).toEqual([]);
  });
});

describe('completing under a condition', () => {
  it('makes the object where there is none and none may be', async () => {
    const { upload, parts } = await begin('absent', noise(100));
    const { etag } = await completeUpload(store, upload, parts, { ifNoneMatch: '*' });
    expect((await headObject(store, upload))?.etag).toBe(etag);
  });

  it('leaves an object alone that should not be there', async () => {
    const { upload, parts } = await begin('present', noise(100, 1));
    await putBytes(store, upload, Buffer.from("somebody else's"));
    const error = await failureOf(completeUpload(store, upload, parts, { ifNoneMatch: '*' }));
    expect(isPreconditionFailed(error)).toBe(true);
    expect((await readObject(client, bucket, 'present')).toString()).toBe("somebody else's");
  });

  it('replaces the object that it was meant to replace', async () => {
    const { upload, parts } = await begin('old', noise(100, 1));
    const ifMatch = await putBytes(store, upload, Buffer.from('the old one'));
    await completeUpload(store, upload, parts, { ifMatch });
    expect(await readObject(client, bucket, 'old')).toEqual(noise(100, 1));
  });

  it('leaves another object than that alone', async () => {
    const { upload, parts } = await begin('newer', noise(100, 1));
    const ifMatch = await putBytes(store, upload, Buffer.from('the old one'));
    await putBytes(store, upload, Buffer.from('a newer one'));
    expect(isPreconditionFailed(await failureOf(completeUpload(store, upload, parts, { ifMatch })))).toBe(true);
    expect((await readObject(client, bucket, 'newer')).toString()).toBe('a newer one');
  });
});

describe('copyPart', () => {
  it('copies a range and tells its CRC-32', async () => {
    const bytes = noise(6 * MEBIBYTE);
    const etag = await putBytes(store, { bucket, key: 'source' }, bytes);
    const upload = await createUpload(store, { bucket, key: 'copy' });
    const part = await uploadPartCopy(store, upload, 1, { key: 'source', etag, start: 1000, end: bytes.length });
    expect(part).toMatchObject({ partNumber: 1, bytes: bytes.length - 1000, crc32: crc32(bytes.subarray(1000)) });
  });

  it('copies nothing of an object that is another one by now', async () => {
    const etag = await putBytes(store, { bucket, key: 'moved' }, noise(100, 1));
    await putBytes(store, { bucket, key: 'moved' }, noise(100, 2));
    const upload = await createUpload(store, { bucket, key: 'copy of moved' });
    const error = await failureOf(uploadPartCopy(store, upload, 1, { key: 'moved', etag, start: 0, end: 100 }));
    expect(isPreconditionFailed(error)).toBe(true);
  });
});

describe('listing', () => {
  it('tells all parts by number, whatever the order they came in', async () => {
    const upload = await createUpload(store, { bucket, key: 'disorder' });
    for (const number of [3, 1, 10, 2]) {
      await uploadPart(store, upload, number, noise(number), crc32(noise(number)));
    }
    expect((await listUploadedParts(store, upload)).map(({ partNumber, bytes }) => [partNumber, bytes])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [10, 10],
    ]);
  });

  it('tells more than a page of parts', async () => {
    const upload = await createUpload(store, { bucket, key: 'many' });
    const numbers = Array.from({ length: 11 }, (_, index) => index + 1);
    const body = Buffer.from('x');
    await Promise.all(numbers.map((number) => uploadPart(store, upload, number, body, crc32(body))));
    const done = withPagesOf(client, 3);
    const listed = await listUploadedParts(store, upload).finally(done);
    expect(listed.map(({ partNumber }) => partNumber)).toEqual(numbers);
  });

  it('finds every open upload under a prefix, and no other', async () => {
    const { bucket: own } = await testStore();
    const begun = await Promise.all(
      ['run/a.csv', 'run/a.csv', 'run/b c.csv', 'other'].map((key) => createUpload(store, { bucket: own, key })),
    );
    const found = await findUploads(store, own, 'run/');
    const byId = (a: MultipartUpload, b: MultipartUpload): number => a.uploadId.localeCompare(b.uploadId);
    expect(found.sort(byId)).toEqual(begun.slice(0, 3).sort(byId));
  });

  it('finds more than a page of open uploads', async () => {
    const { bucket: own } = await testStore();
    const keys = ['run/a', 'run/a', 'run/a', 'run/b', 'run/c', 'run/c', 'run/d', 'other'];
    await Promise.all(keys.map((key) => createUpload(store, { bucket: own, key })));
    const done = withPagesOf(client, 2);
    const found = await findUploads(store, own, 'run/').finally(done);
    expect(found.map(({ key }) => key).sort()).toEqual(keys.slice(0, -1));
    expect(new Set(found.map(({ uploadId }) => uploadId)).size).toBe(keys.length - 1);
  });
});

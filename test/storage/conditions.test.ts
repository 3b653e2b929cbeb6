import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { crc32 } from '../../src/bytes/crc32.js';
import { readJson, writeJson } from '../../src/storage/json-record.js';
import { completeUpload, createUpload, uploadPart } from '../../src/storage/multipart-upload.js';
import type { ObjectStore } from '../../src/storage/object-store.js';
import { deleteObjects, getBytes, headObject, putBytes } from '../../src/storage/objects.js';
import { describeS3Error, isPreconditionFailed } from '../../src/storage/s3-errors.js';
import type { ObjectLocation } from '../../src/storage/s3-url.js';
import { proxiedStore, type ProxiedStore } from '../helpers/proxied-store.js';
import type { S3Proxy, Operation, S3Effect } from '../helpers/s3-proxy.js';
import { testStore } from './helpers.js';
import { failureOf } from './scripted-s3.js';

let direct: ObjectStore;
let bucket: string;
let proxy: S3Proxy;
let store: ObjectStore;
let close: ProxiedStore['close'];
let location: ObjectLocation;
let tests = 0;

beforeAll(async () => {
  ({ store: direct, bucket } = await testStore());
});

afterAll(() => {
  direct.client.destroy();
});

beforeEach(async () => {
  location = { bucket, key: `object ${++tests}` };
  ({ proxy, store, close } = await proxiedStore());
});

afterEach(async () => {
  await close();
});

const conflict: S3Effect = { kind: 'error', status: 409, code: 'ConditionalRequestConflict' };

const put = (text: string, condition?: Parameters<typeof putBytes>[3]): Promise<string> =>
  putBytes(store, location, Buffer.from(text), condition);

describe('a write on a condition', () => {
  it('is made where nothing lies, and over what it expects', async () => {
    const first = await put('first', { condition: { ifNoneMatch: '*' } });
    const second = await put('second', { condition: { ifMatch: first } });
    expect((await headObject(direct, location))?.etag).toBe(second);
    expect((await getBytes(direct, location))?.toString()).toBe('second');
  });

  it.each<[string, (etag: string) => Parameters<typeof putBytes>[3]]>([
    ['that nothing lies there', () => ({ condition: { ifNoneMatch: '*' } })],
    ['that another object lies there', () => ({ condition: { ifMatch: '"0123456789abcdef0123456789abcdef"' } })],
  ])('is not made over something else: %s', async (_name, options) => {
    const etag = await putBytes(direct, location, Buffer.from('theirs'));
    const failure = await failureOf(put('ours!!', options(etag)));
    expect(isPreconditionFailed(failure)).toBe(true);
    expect(describeS3Error(failure)).toMatchObject({ retryable: false, access: false });
    expect((await getBytes(direct, location))?.toString()).toBe('theirs');
  });

  it('is not made where the object that it expects is gone', async () => {
    const ifMatch = await putBytes(direct, location, Buffer.from('theirs'));
    await deleteObjects(direct, bucket, [location.key]);
    expect(isPreconditionFailed(await failureOf(put('ours', { condition: { ifMatch } })))).toBe(true);
    expect(await headObject(direct, location)).toBeNull();
  });

  it('knows what it has written itself when the answer was lost', async () => {
    proxy.inject({ operation: 'PutObject', effect: { kind: 'loseAnswer' }, times: 1 });
    const first = await put('first', { condition: { ifNoneMatch: '*' } });
    proxy.inject({ operation: 'PutObject', effect: { kind: 'loseAnswer' }, times: 1 });
    const second = await put('second', { condition: { ifMatch: first } });
    expect((await headObject(direct, location))?.etag).toBe(second);
  });
});

describe('a write that met another one', () => {
  async function complete(condition: { ifMatch: string } | { ifNoneMatch: '*' }): Promise<unknown> {
    const upload = await createUpload(store, location);
    const bytes = Buffer.from('ours');
    const part = await uploadPart(store, upload, 1, bytes, crc32(bytes));
    return completeUpload(store, upload, [part], condition, crc32(bytes));
  }

  it.each<[Operation, (condition: { ifMatch: string } | { ifNoneMatch: '*' }) => Promise<unknown>]>([
    ['PutObject', (condition) => put('ours', { condition })],
    ['CompleteMultipartUpload', complete],
  ])('may be tried again while its condition holds, and not once it does not: %s', async (operation, write) => {
    proxy.inject({ operation, effect: conflict });
    expect(describeS3Error(await failureOf(write({ ifNoneMatch: '*' })))).toMatchObject({
      code: 'ConditionalRequestConflict',
      retryable: true,
    });
    const etag = await putBytes(direct, location, Buffer.from('theirs'));
    expect(isPreconditionFailed(await failureOf(write({ ifNoneMatch: '*' })))).toBe(true);
    expect(isPreconditionFailed(await failureOf(write({ ifMatch: etag })))).toBe(false);
    expect(isPreconditionFailed(await failureOf(write({ ifMatch: '"another"' })))).toBe(true);
  });
});

describe('a JSON record', () => {
  const schema = z.object({ leads: z.int() });

  it('tells its ETag when it is written and when it is read, so that the next write can ask for it', async () => {
    const first = await writeJson(store, location, { leads: 1 }, { condition: { ifNoneMatch: '*' } });
    expect(await readJson(store, location, schema)).toEqual({
      value: { leads: 1 },
      sha256: first.sha256,
      etag: first.etag,
    });
    await writeJson(store, location, { leads: 2 }, { condition: { ifMatch: first.etag } });
    const late = writeJson(store, location, { leads: 3 }, { condition: { ifMatch: first.etag } });
    expect(isPreconditionFailed(await failureOf(late))).toBe(true);
    expect((await readJson(store, location, schema))?.value).toEqual({ leads: 2 });
  });

  it('is null where there is none, or another kind of object', async () => {
    expect(await readJson(store, location, schema)).toBeNull();
    await put('{"leads": "many"}');
    expect(await readJson(store, location, schema)).toBeNull();
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { S3Client } from '@aws-sdk/client-s3';
import { checkStore } from '../../src/storage/check-store.js';
import { findUploads } from '../../src/storage/multipart-upload.js';
import type { ObjectStore } from '../../src/storage/object-store.js';
import { listKeys } from '../../src/storage/objects.js';
import { describeS3Error, StoreLacksError } from '../../src/storage/s3-errors.js';
import { newBucket } from '../helpers/s3.js';
import { proxiedStore, type ProxiedStore } from '../helpers/proxied-store.js';
import type { S3Proxy, Operation } from '../helpers/s3-proxy.js';
import { testStore } from './helpers.js';
import { failureOf } from './scripted-s3.js';

const OPTIONS = {
  contentType: 'text/csv; charset=utf-8',
  metadata: { 'marketo-extract-plan': 'abc' },
  tags: { team: 'marketing operations', cost: 'a=b' },
};

let direct: ObjectStore;
let proxy: S3Proxy;
let store: ObjectStore;
let bucket: string;
let close: ProxiedStore['close'];

beforeAll(async () => {
  ({ store: direct } = await testStore());
});

afterAll(() => {
  direct.client.destroy();
});

beforeEach(async () => {
  bucket = await newBucket(direct.client);
  ({ proxy, store, close } = await proxiedStore());
});

afterEach(async () => {
  await close();
});

async function leftBehind(): Promise<string[]> {
  const left: string[] = [];
  for await (const key of listKeys(direct, bucket, '')) left.push(key);
  for (const upload of await findUploads(direct, bucket, '')) left.push(`upload of ${upload.key}`);
  return left;
}

/** What a store would get of a request that it does not understand whole. */
function withoutInput(client: S3Client, command: string, ...names: string[]): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const absent = Object.fromEntries(names.map((name) => [name, undefined]));
        return next(commandName === command ? { ...args, input: { ...args.input, ...absent } } : args);
      },
    { step: 'initialize' },
  );
}

describe('checkStore', () => {
  it('finds nothing wrong with a store that can do all, in 24 requests, and leaves nothing in it', async () => {
    expect(await checkStore(store, bucket, 'run/', OPTIONS)).toEqual([]);
    expect(proxy.requests).toHaveLength(24);
    expect(await leftBehind()).toEqual([]);
  });

  it('makes every kind of request that a run makes, on objects of its own', async () => {
    await checkStore(store, bucket, 'run/', OPTIONS);
    const kinds = new Set(proxy.requests.map(({ operation }) => operation));
    expect([...kinds].sort()).toEqual([
      'AbortMultipartUpload',
      'CompleteMultipartUpload',
      'CreateMultipartUpload',
      'DeleteObjects',
      'GetObject',
      'HeadBucket',
      'HeadObject',
      'ListMultipartUploads',
      'ListObjects',
      'ListParts',
      'PutObject',
      'UploadPart',
      'UploadPartCopy',
    ]);
    const keys = proxy.requests.map(({ key }) => key).filter((key) => key !== '');
    expect(keys.filter((key) => !/^run\/check-[0-9a-f-]{36}\/(?:source|target)$/.test(key))).toEqual([]);
  });

  it.each<[Operation, number, string, RegExp]>([
    ['PutObject', 501, 'NotImplemented', /writes no object \(NotImplemented/],
    ['GetObject', 501, 'NotImplemented', /reads no ranges/],
    ['CreateMultipartUpload', 501, 'NotImplemented', /begins no multipart upload with a CRC-32 of the whole/],
    ['CreateMultipartUpload', 400, 'InvalidRequest', /begins no multipart upload with a CRC-32 of the whole/],
    ['UploadPart', 400, 'InvalidArgument', /takes no part with its CRC-32/],
    ['CompleteMultipartUpload', 501, 'NotImplemented', /does no CompleteMultipartUpload with If-None-Match/],
    ['ListParts', 501, 'NotImplemented', /lists no parts/],
    ['ListMultipartUploads', 501, 'NotImplemented', /lists no open uploads/],
    ['AbortMultipartUpload', 501, 'NotImplemented', /aborts no upload/],
    ['ListObjects', 501, 'NotImplemented', /lists no objects/],
  ])('refuses a store that answers %s with %d %s, and leaves nothing', async (operation, status, code, lack) => {
    proxy.inject({ operation, effect: { kind: 'error', status, code }, times: 1 });
    const failure = await failureOf(checkStore(store, bucket, 'run/', { ...OPTIONS, tags: {} }));
    expect(failure).toBeInstanceOf(StoreLacksError);
    expect(describeS3Error(failure)).toMatchObject({ code: 'StoreLacks', retryable: false, access: false });
    expect(String(failure)).toMatch(lack);
    expect(await leftBehind()).toEqual([]);
  });

  it('names all that a store lacks at once', async () => {
    proxy.inject(
      { operation: 'GetObject', effect: { kind: 'error', status: 501, code: 'NotImplemented' } },
      { operation: 'ListParts', effect: { kind: 'error', status: 501, code: 'NotImplemented' } },
    );
    const failure = await failureOf(checkStore(store, bucket, 'run/', OPTIONS));
    expect((failure as StoreLacksError).lacks.map((lack) => lack.replace(/ \(.*/, ''))).toEqual([
      'reads no ranges',
      'lists no parts',
    ]);
  });

  it.each([
    ['PutObjectCommand', 'IfNoneMatch', 'writes although the condition of PutObject with If-None-Match does not hold'],
    ['PutObjectCommand', 'IfMatch', 'writes although the condition of PutObject with If-Match does not hold'],
    [
      'CompleteMultipartUploadCommand',
      'IfNoneMatch',
      'writes although the condition of CompleteMultipartUpload with If-None-Match does not hold',
    ],
    [
      'CompleteMultipartUploadCommand',
      'IfMatch',
      'writes although the condition of CompleteMultipartUpload with If-Match does not hold',
    ],
  ])('refuses a store that does not heed a condition: %s without %s', async (command, name, lack) => {
    withoutInput(store.client, command, name);
    const failure = await failureOf(checkStore(store, bucket, 'run/', OPTIONS));
    expect((failure as StoreLacksError).lacks).toEqual([lack]);
    expect(await leftBehind()).toEqual([]);
  });

  it('says that it is the tags that a store does not take', async () => {
    store.client.middlewareStack.add(
      (next) => (args) => {
        if ('Tagging' in args.input)
          proxy.inject({
            operation: 'CreateMultipartUpload',
            effect: { kind: 'error', status: 501, code: 'NotImplemented' },
            times: 1,
          });
        return next(args);
      },
      { step: 'initialize' },
    );
    const failure = await failureOf(checkStore(store, bucket, 'run/', OPTIONS));
    expect((failure as StoreLacksError).lacks.at(-1)).toBe('takes no tags: leave them out');
    expect(await leftBehind()).toEqual([]);
  });

  it('refuses a store that forgets the metadata by which a run knows its output', async () => {
    withoutInput(store.client, 'CreateMultipartUploadCommand', 'Metadata');
    const failure = await failureOf(checkStore(store, bucket, 'run/', OPTIONS));
    expect((failure as StoreLacksError).lacks).toEqual(['does not keep the metadata of an object']);
  });

  it('does without copies, and says so', async () => {
    proxy.inject({ operation: 'UploadPartCopy', effect: { kind: 'error', status: 501, code: 'NotImplemented' } });
    expect(await checkStore(store, bucket, 'run/', OPTIONS)).toEqual([
      'The store does not copy ranges into parts: the output is streamed through the worker instead',
    ]);
    expect(await leftBehind()).toEqual([]);
  });

  it('does without deletes of several objects, and says so', async () => {
    proxy.inject({ operation: 'DeleteObjects', effect: { kind: 'error', status: 400, code: 'MissingContentMD5' } });
    expect(await checkStore(store, bucket, 'run/', OPTIONS)).toEqual([
      'The store does not delete several objects at once: they are deleted one by one',
    ]);
    expect(await leftBehind()).toEqual([]);
  });

  it.each<[Operation, string]>([
    ['PutObject', 's3:PutObject'],
    ['GetObject', 's3:GetObject'],
    ['CreateMultipartUpload', 's3:PutObject and s3:PutObjectTagging'],
    ['AbortMultipartUpload', 's3:AbortMultipartUpload'],
    ['UploadPartCopy', 's3:GetObject and s3:PutObject'],
    ['ListParts', 's3:ListMultipartUploadParts'],
    ['ListMultipartUploads', 's3:ListBucketMultipartUploads'],
    ['ListObjects', 's3:ListBucket'],
    ['DeleteObjects', 's3:DeleteObject'],
  ])('names the permission that %s wants, and leaves nothing', async (operation, permission) => {
    proxy.inject({ operation, effect: { kind: 'error', status: 403, code: 'AccessDenied' }, times: 1 });
    const failure = await failureOf(checkStore(store, bucket, 'run/', OPTIONS));
    expect(failure).toMatchObject({ name: 'BucketError', code: 'AccessDenied' });
    expect(String(failure)).toContain(`the policy allows ${permission} (AccessDenied`);
    expect(await leftBehind()).toEqual([]);
  });

  it('names a bucket that does not exist', async () => {
    expect(await failureOf(checkStore(store, 'no-such-bucket-here', 'run/'))).toMatchObject({
      name: 'BucketError',
      code: 'NoSuchBucket',
      message: 'the bucket no-such-bucket-here does not exist',
    });
  });

  it('passes on what may pass', async () => {
    proxy.inject({ operation: 'UploadPartCopy', effect: { kind: 'error', status: 500, code: 'InternalError' } });
    const failure = await failureOf(checkStore(store, bucket, 'run/', OPTIONS));
    expect(describeS3Error(failure)).toMatchObject({ code: 'InternalError', retryable: true });
    expect(await leftBehind()).toEqual([]);
  });

  it('leaves nothing of an upload whose creation was answered to nobody', async () => {
    proxy.inject({ operation: 'CreateMultipartUpload', effect: { kind: 'loseAnswer' }, times: 1 });
    expect(await checkStore(store, bucket, 'run/', OPTIONS)).toEqual([]);
    expect(await leftBehind()).toEqual([]);
  });

  it.each([1, 2, 4, 6, 9, 11, 13, 15, 17, 19, 20, 21, 23, 24])(
    'stops for its signal at request %d, and leaves nothing',
    async (last) => {
      const controller = new AbortController();
      const reason = new Error('cancelled');
      let sent = 0;
      store.client.middlewareStack.add(
        (next) => (args) => {
          sent++;
          if (sent === last)
            setImmediate(() => {
              controller.abort(reason);
            });
          return next(args);
        },
        { step: 'deserialize', priority: 'low' },
      );
      const checking = checkStore(store, bucket, 'run/', { ...OPTIONS, signal: controller.signal });
      // The answer to what was sent is waited for: the last one ends the check as if nothing had happened.
      if (last === 24) expect(await checking).toEqual([]);
      else expect(await failureOf(checking)).toBe(reason);
      expect(await leftBehind()).toEqual([]);
    },
  );
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { S3Client } from '@aws-sdk/client-s3';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32, encodeCrc32 } from '../../src/bytes/crc32.js';
import { describeS3Error, isNotFound, isPreconditionFailed, ReadBrokenOffError } from '../../src/storage/s3-errors.js';
import { createObjectStore, type ObjectStore } from '../../src/storage/object-store.js';
import {
  checkBucket,
  deleteObjects,
  getBytes,
  getObjectStream,
  headObject,
  listKeys,
  putBytes,
} from '../../src/storage/objects.js';
import { writeParameters } from '../../src/storage/object-options.js';
import { newBucket } from '../helpers/s3.js';
import { noise, testStore } from './helpers.js';

let store: ObjectStore;
let client: S3Client;
let bucket: string;

beforeAll(async () => {
  ({ store, client, bucket } = await testStore());
});

afterAll(() => {
  client.destroy();
});

async function keysOf(name: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of listKeys(store, name, prefix)) keys.push(key);
  return keys;
}

describe('a small object', () => {
  it('is read as it was written', async () => {
    const bytes = noise(70_000);
    const etag = await putBytes(store, { bucket, key: 'small' }, bytes, { metadata: { window: 'w' } });
    expect(await getBytes(store, { bucket, key: 'small' })).toEqual(bytes);
    expect(await headObject(store, { bucket, key: 'small' })).toMatchObject({
      etag,
      bytes: bytes.length,
      metadata: { window: 'w' },
      crc32: crc32(bytes),
    });
  });

  it('may be empty', async () => {
    await putBytes(store, { bucket, key: 'empty' }, Buffer.alloc(0));
    expect(await getBytes(store, { bucket, key: 'empty' })).toEqual(Buffer.alloc(0));
    expect(await headObject(store, { bucket, key: 'empty' })).toMatchObject({ bytes: 0 });
  });

  it('is null where there is none', async () => {
    expect(await getBytes(store, { bucket, key: 'none' })).toBeNull();
    expect(await headObject(store, { bucket, key: 'none' })).toBeNull();
  });

  it('is no other object than was asked for', async () => {
    const location = { bucket, key: 'conditional' };
    const ifMatch = await putBytes(store, location, Buffer.from('old'));
    expect((await getBytes(store, location, { ifMatch }))?.toString()).toBe('old');
    await putBytes(store, location, Buffer.from('new'));
    const failure: unknown = await getBytes(store, location, { ifMatch }).catch((error: unknown) => error);
    expect(isPreconditionFailed(failure)).toBe(true);
  });

  it.each([
    [0, 1],
    [5, 9],
    [999, 1000],
    [0, 1000],
  ])('gives its bytes from %d to %d', async (start, end) => {
    const location = { bucket, key: 'ranged' };
    await putBytes(store, location, noise(1000));
    expect(await getBytes(store, location, { range: { start, end } })).toEqual(noise(1000).subarray(start, end));
  });

  it('fails to open where there is none', async () => {
    const failure: unknown = await getObjectStream(store, { bucket, key: 'none' }).catch((error: unknown) => error);
    expect(isNotFound(failure)).toBe(true);
  });

  it('stops coming once its signal is aborted, for the reason that the signal gives', async () => {
    const location = { bucket, key: 'stopped' };
    await putBytes(store, location, noise(10_000_000));
    const controller = new AbortController();
    const reason = new Error('the worker shuts down');
    let read = 0;
    const reading = (async () => {
      for await (const chunk of await getObjectStream(store, location, { signal: controller.signal })) {
        read += chunk.length;
        controller.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(read).toBeLessThan(10_000_000);
  });
});

describe('an object whose bytes do not come as they should', () => {
  const sent = noise(200_000);

  /** Reads an object of a server that answers each request so. */
  async function readFrom(answer: (response: ServerResponse) => void): Promise<unknown> {
    const server = createServer((_request, response) => {
      answer(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = process.env['AWS_ENDPOINT_URL_S3'];
    process.env['AWS_ENDPOINT_URL_S3'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const other = createObjectStore({ forcePathStyle: true });
    try {
      return await getBytes(other, { bucket, key: 'parts/odd.csv' });
    } catch (error) {
      return error;
    } finally {
      process.env['AWS_ENDPOINT_URL_S3'] = endpoint;
      other.client.destroy();
      server.closeAllConnections();
      server.close();
    }
  }

  it('is not taken for the shorter one that a broken connection leaves', async () => {
    const failure = await readFrom((response) => {
      response.writeHead(200, { 'content-length': sent.length });
      response.write(sent.subarray(0, 150_000), () => response.destroy());
    });
    expect(describeS3Error(failure)).toEqual({
      code: 'ECONNRESET',
      retryable: true,
      access: false,
      message: 'reading parts/odd.csv broke off: ECONNRESET',
    });
  });

  it('is not taken for what was damaged on the way', async () => {
    const failure = await readFrom((response) => {
      response.writeHead(200, {
        'content-length': sent.length,
        'x-amz-checksum-crc32': encodeCrc32((crc32(sent) ^ 1) >>> 0),
      });
      response.end(sent);
    });
    expect(failure).toBeInstanceOf(ReadBrokenOffError);
    expect(describeS3Error(failure)).toMatchObject({ code: 'ReadBrokenOff', retryable: true, access: false });
    expect(describeS3Error(failure)?.message).toContain('Checksum mismatch');
  });
});

describe('listing and deleting', () => {
  it('takes in more keys than a page or a request holds', async () => {
    const own = await newBucket(client);
    const keys = Array.from({ length: 1010 }, (_, index) => `p/${String(index).padStart(4, '0')} é&`);
    for (let start = 0; start < keys.length; start += 100) {
      await Promise.all(
        keys.slice(start, start + 100).map((key) => putBytes(store, { bucket: own, key }, Buffer.from('x'))),
      );
    }
    await putBytes(store, { bucket: own, key: 'q' }, Buffer.from('x'));
    expect(await keysOf(own, 'p/')).toEqual(keys);
    await deleteObjects(store, own, [...keys, 'p/never there']);
    expect(await keysOf(own, '')).toEqual(['q']);
  });

  it('deletes nothing for an empty list', async () => {
    await expect(deleteObjects(store, bucket, [])).resolves.toBeUndefined();
  });

  it('lists nothing where nothing begins so', async () => {
    expect(await keysOf(bucket, 'no such prefix/')).toEqual([]);
  });
});

describe('checkBucket', () => {
  it('leaves nothing in a bucket that can be written', async () => {
    const own = await newBucket(client);
    await checkBucket(store, own, 'run/probe');
    expect(await keysOf(own, '')).toEqual([]);
  });

  it('names a bucket that does not exist', async () => {
    await expect(checkBucket(store, 'no-such-bucket-here', 'probe')).rejects.toMatchObject({
      name: 'BucketError',
      code: 'NoSuchBucket',
      message: 'the bucket no-such-bucket-here does not exist',
    });
  });

  it('says that credentials are refused', async () => {
    const accessKeyId = process.env['AWS_ACCESS_KEY_ID'];
    process.env['AWS_ACCESS_KEY_ID'] = 'nobody';
    const stranger = createObjectStore({ forcePathStyle: true });
    try {
      await expect(checkBucket(stranger, bucket, 'probe')).rejects.toMatchObject({
        name: 'BucketError',
        code: 'AccessDenied',
      });
    } finally {
      process.env['AWS_ACCESS_KEY_ID'] = accessKeyId;
      stranger.client.destroy();
    }
  });
});

describe('writeParameters', () => {
  it('sends only what is given, and tags as a query', () => {
    expect(writeParameters({})).toEqual({});
    expect(writeParameters({ tags: {} })).toEqual({});
    expect(
      writeParameters({
        contentType: 'text/csv',
        contentEncoding: 'gzip',
        metadata: { a: 'b' },
        tags: { 'a b': 'c&d', e: '=' },
      }),
    ).toEqual({
      ContentType: 'text/csv',
      ContentEncoding: 'gzip',
      Metadata: { a: 'b' },
      Tagging: 'a+b=c%26d&e=%3D',
    });
  });
});

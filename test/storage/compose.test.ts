import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import {
  combined,
  composeParts,
  CopyUnsupportedError,
  SourceChangedError,
  streamRanges,
  type CheckedRange,
} from '../../src/storage/compose.js';
import { crc32 } from '../../src/bytes/crc32.js';
import {
  completeUpload,
  createUpload,
  listUploadedParts,
  type MultipartUpload,
} from '../../src/storage/multipart-upload.js';
import { putBytes } from '../../src/storage/objects.js';
import type { ObjectStore } from '../../src/storage/object-store.js';
import { readObject } from '../helpers/s3.js';
import { MEBIBYTE, noise, testStore } from './helpers.js';

const never = new AbortController().signal;

let store: ObjectStore;
let client: S3Client;
let bucket: string;

beforeAll(async () => {
  ({ store, client, bucket } = await testStore());
});

afterAll(() => {
  client.destroy();
});

/** Puts an object and gives a range of it. */
async function rangeOf(key: string, bytes: Buffer, start = 0, end = bytes.length): Promise<CheckedRange> {
  const etag = await putBytes(store, { bucket, key }, bytes);
  return { key, etag, start, end, crc32: crc32(bytes.subarray(start, end)) };
}

function literal(text: string): CheckedRange {
  return { literal: Buffer.from(text), crc32: crc32(Buffer.from(text)) };
}

/** S3 requests that were sent, by command, and the parts that were copied. */
function recordRequests(): { readonly sent: string[]; readonly stop: () => void } {
  const sent: string[] = [];
  client.middlewareStack.add(
    (next, context) => (args) => {
      sent.push(String(context['commandName']));
      return next(args);
    },
    { step: 'initialize', name: 'recordRequests' },
  );
  return {
    sent,
    stop: () => {
      client.middlewareStack.remove('recordRequests');
    },
  };
}

async function compose(upload: MultipartUpload, ranges: readonly CheckedRange[]): Promise<Buffer> {
  const composed = await composeParts(store, upload, ranges, [], never);
  await completeUpload(store, upload, composed.parts, undefined, composed.crc32);
  const object = await readObject(client, upload.bucket, upload.key);
  expect(composed).toMatchObject({ bytes: object.length, crc32: crc32(object) });
  return object;
}

describe('combined', () => {
  it('gives size and CRC-32 of pieces one after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (pieces) => {
        const buffers = pieces.map((piece) => Buffer.from(piece));
        const whole = Buffer.concat(buffers);
        expect(combined(buffers.map((piece) => ({ bytes: piece.length, crc32: crc32(piece) })))).toEqual({
          bytes: whole.length,
          crc32: crc32(whole),
        });
      }),
    );
  });
});

describe('composeParts', () => {
  it('makes the object of large, small and tiny ranges, byte for byte', async () => {
    const sizes = [6 * MEBIBYTE, 100, 11 * MEBIBYTE + 1, 2 * MEBIBYTE, 3 * MEBIBYTE, 1, 5 * MEBIBYTE, 40];
    const objects = sizes.map((bytes, index) => noise(bytes + 9, index));
    const ranges = await Promise.all(objects.map((bytes, index) => rangeOf(`mixed/${index}`, bytes, 9)));
    const upload = await createUpload(store, { bucket, key: 'mixed/all' });
    const { sent, stop } = recordRequests();
    const composed = await compose(upload, [literal('id,email\n'), ...ranges]).finally(stop);
    const expected = Buffer.concat([Buffer.from('id,email\n'), ...objects.map((bytes) => bytes.subarray(9))]);
    expect(composed.equals(expected)).toBe(true);
    expect(sent.filter((command) => command === 'UploadPartCopyCommand').length).toBeGreaterThan(0);
  });

  it('copies by keys that must be percent-encoded', async () => {
    const key = 'odd/a b+c%20&é東?#=.csv/parts/2024-01-01T00:00:00Z';
    const bytes = noise(5 * MEBIBYTE + 3);
    const upload = await createUpload(store, { bucket, key: 'odd/all' });
    const { sent, stop } = recordRequests();
    const object = await compose(upload, [await rangeOf(key, bytes, 3)]).finally(stop);
    expect(object.equals(bytes.subarray(3))).toBe(true);
    expect(sent).toContain('UploadPartCopyCommand');
    expect(sent).not.toContain('UploadPartCommand');
  });

  it('makes a small object of a literal alone', async () => {
    const upload = await createUpload(store, { bucket, key: 'header' });
    expect((await compose(upload, [literal('id,email\n')])).toString()).toBe('id,email\n');
  });

  it.each([
    ['copied', 6 * MEBIBYTE],
    ['gathered', 1000],
  ])('refuses a %s range whose bytes are not those that were verified', async (how, bytes) => {
    const range = await rangeOf(`unverified/${how}`, noise(bytes));
    const upload = await createUpload(store, { bucket, key: `unverified/${how} all` });
    const composing = composeParts(store, upload, [{ ...range, crc32: (range.crc32 ^ 1) >>> 0 }], [], never);
    await expect(composing).rejects.toThrow(SourceChangedError);
  });

  it.each([
    ['copied', 6 * MEBIBYTE],
    ['gathered', 1000],
  ])('names the %s one of several objects that is not what was verified', async (how, bytes) => {
    const sizes = [bytes, 6 * MEBIBYTE, bytes, bytes, 6 * MEBIBYTE];
    const ranges = await Promise.all(sizes.map((size, index) => rangeOf(`named/${how}/${index}`, noise(size, index))));
    const odd = ranges.map((range, index) => (index === 2 ? { ...range, crc32: (range.crc32 ^ 1) >>> 0 } : range));
    const upload = await createUpload(store, { bucket, key: `named/${how}/all` });
    const composing = composeParts(store, upload, odd, [], never);
    await expect(composing).rejects.toThrow(`named/${how}/2 is not what was verified`);
  });

  it.each([
    ['copied', 6 * MEBIBYTE],
    ['gathered', 1000],
  ])('refuses a %s range of an object that is another one by now, or gone', async (how, bytes) => {
    const key = `changed/${how}`;
    const range = await rangeOf(key, noise(bytes, 1));
    await putBytes(store, { bucket, key }, noise(bytes, 2));
    const upload = await createUpload(store, { bucket, key: `${key} all` });
    await expect(composeParts(store, upload, [range], [], never)).rejects.toThrow(`${key} is not what was verified`);
    const gone = { ...range, key: `${key} gone` };
    await expect(composeParts(store, upload, [gone], [], never)).rejects.toThrow(SourceChangedError);
  });

  it('copies nothing again that an earlier attempt has copied', async () => {
    const objects = [noise(6 * MEBIBYTE, 1), noise(7 * MEBIBYTE, 2), noise(50, 3)];
    const ranges = await Promise.all(objects.map((bytes, index) => rangeOf(`again/${index}`, bytes)));
    const upload = await createUpload(store, { bucket, key: 'again/all' });
    await composeParts(store, upload, ranges.slice(0, 1), [], never);
    // SeaweedFS lists parts without their CRC-32, which Amazon S3 tells.
    const stored = (await listUploadedParts(store, upload)).map((part) => ({
      ...part,
      crc32: crc32(objects[0] ?? Buffer.alloc(0)),
    }));

    const { sent, stop } = recordRequests();
    const composed = await composeParts(store, upload, ranges, stored, never).finally(stop);
    expect(sent.filter((command) => command === 'UploadPartCopyCommand')).toHaveLength(1);
    await completeUpload(store, upload, composed.parts, undefined, composed.crc32);
    expect((await readObject(client, bucket, 'again/all')).equals(Buffer.concat(objects))).toBe(true);
  });

  it('copies again what an earlier attempt left in another size or without a CRC-32', async () => {
    const bytes = noise(6 * MEBIBYTE, 4);
    const range = await rangeOf('distrusted', bytes);
    const upload = await createUpload(store, { bucket, key: 'distrusted/all' });
    const odd = [
      [{ partNumber: 1, etag: '"odd"', bytes: bytes.length - 1, crc32: crc32(bytes) }],
      [{ partNumber: 1, etag: '"odd"', bytes: bytes.length }],
    ];
    for (const stored of odd) {
      const { parts } = await composeParts(store, upload, [range], stored, never);
      expect(parts).toHaveLength(1);
      expect(parts[0]?.etag).not.toBe('"odd"');
    }
  });

  it('copies all anew where an earlier attempt left the bytes of another object', async () => {
    const [right, wrong] = [noise(6 * MEBIBYTE, 5), noise(6 * MEBIBYTE, 6)];
    const range = await rangeOf('foreign/right', right);
    const upload = await createUpload(store, { bucket, key: 'foreign/all' });
    const { parts } = await composeParts(store, upload, [await rangeOf('foreign/other', wrong)], [], never);
    const composed = await composeParts(store, upload, [range], parts, never);
    await completeUpload(store, upload, composed.parts, undefined, composed.crc32);
    expect((await readObject(client, bucket, 'foreign/all')).equals(right)).toBe(true);
  });

  it('ends with its signal, and then nothing of it is under way any more', async () => {
    const ranges = await Promise.all([1, 2, 3].map((n) => rangeOf(`stopped/${n}`, noise(5 * MEBIBYTE, n))));
    const upload = await createUpload(store, { bucket, key: 'stopped/all' });
    const composing = composeParts(store, upload, ranges, [], AbortSignal.abort());
    await expect(composing).rejects.toMatchObject({ name: 'AbortError' });
    expect(await listUploadedParts(store, upload)).toEqual([]);
  });
});

describe('a store that does not copy', () => {
  it.each([
    ['NotImplemented', 501],
    ['MethodNotAllowed', 405],
    ['InvalidRequest', 400],
  ])('is told from one whose source has changed: %s', async (name, httpStatusCode) => {
    const range = await rangeOf('uncopied', noise(6 * MEBIBYTE));
    const upload = await createUpload(store, { bucket, key: 'uncopied/all' });
    const refuse = (): never => {
      throw new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message: 'no' });
    };
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) =>
          commandName === 'UploadPartCopyCommand' ? refuse() : next(args),
      { step: 'initialize', name: 'refuseCopies' },
    );
    const composing = composeParts(store, upload, [range], [], never).finally(() => {
      client.middlewareStack.remove('refuseCopies');
    });
    await expect(composing).rejects.toThrow(CopyUnsupportedError);
  });
});

describe('streamRanges', () => {
  it('gives the bytes of all ranges, one after the other', async () => {
    const bytes = noise(300_000);
    const ranges = [literal('id\n'), await rangeOf('streamed', bytes, 10, 200_000), literal('end')];
    const chunks: Buffer[] = [];
    for await (const chunk of streamRanges(store, bucket, ranges, never)) chunks.push(chunk);
    const expected = Buffer.concat([Buffer.from('id\n'), bytes.subarray(10, 200_000), Buffer.from('end')]);
    expect(Buffer.concat(chunks).equals(expected)).toBe(true);
  });

  it('refuses a range whose bytes are not those that were verified', async () => {
    const range = await rangeOf('streamed/wrong', noise(1000));
    const stream = streamRanges(store, bucket, [{ ...range, crc32: range.crc32 ^ 1 }, literal('never reached')], never);
    const chunks: Buffer[] = [];
    const reading = (async () => {
      for await (const chunk of stream) chunks.push(chunk);
    })();
    await expect(reading).rejects.toThrow('streamed/wrong is not what was verified');
    expect(Buffer.concat(chunks)).toHaveLength(1000);
  });
});

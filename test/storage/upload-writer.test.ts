import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { S3Client } from '@aws-sdk/client-s3';
import { crc32 } from '../../src/bytes/crc32.js';
import { isNoSuchUpload } from '../../src/storage/s3-errors.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  findUploads,
  listUploadedParts,
  MAX_UPLOAD_PARTS,
  type MultipartUpload,
  type UploadedPart,
} from '../../src/storage/multipart-upload.js';
import type { ObjectStore } from '../../src/storage/object-store.js';
import { uploadPartBytesFor, UploadWriter } from '../../src/storage/upload-writer.js';
import { readObject } from '../helpers/s3.js';
import { chunksOf, MEBIBYTE, noise, testStore } from './helpers.js';

const PART = 5 * MEBIBYTE;

describe('partBytesFor', () => {
  it.each([0, 1, 8 * MEBIBYTE, 70_000 * MEBIBYTE])('makes parts of 8 MiB for a file of %d bytes', (bytes) => {
    expect(uploadPartBytesFor(bytes)).toBe(8 * MEBIBYTE);
  });

  it('makes larger ones where 10,000 would not do, in whole mebibytes', () => {
    for (const bytes of [8 * MEBIBYTE * (MAX_UPLOAD_PARTS - 1) + 1, 10 ** 11, 5 * 2 ** 40]) {
      const part = uploadPartBytesFor(bytes);
      expect(part % MEBIBYTE).toBe(0);
      expect(Math.ceil(bytes / part)).toBeLessThan(MAX_UPLOAD_PARTS);
      expect(Math.ceil(bytes / (part - MEBIBYTE))).toBeGreaterThanOrEqual(MAX_UPLOAD_PARTS);
    }
  });
});

describe('PartWriter', () => {
  let store: ObjectStore;
  let client: S3Client;
  let bucket: string;

  beforeAll(async () => {
    ({ store, client, bucket } = await testStore());
  });

  afterAll(() => {
    client.destroy();
  });

  const begin = (key: string): Promise<MultipartUpload> => createUpload(store, { bucket, key });
  const writerOf = (
    upload: MultipartUpload,
    {
      stored = [],
      signal = new AbortController().signal,
      onStored,
    }: { stored?: UploadedPart[]; signal?: AbortSignal; onStored?: (bytes: number) => void } = {},
  ): UploadWriter =>
    new UploadWriter({
      store,
      upload,
      uploadPartBytes: PART,
      uploaded: stored,
      signal,
      ...(onStored && { onUploaded: onStored }),
    });

  it('makes parts of one size, only the last shorter, whatever the chunks', async () => {
    const whole = noise(2 * PART + 12_345);
    const upload = await begin('one size');
    const told: number[] = [];
    const writer = writerOf(upload, { onStored: (bytes) => told.push(bytes) });
    for (const chunk of chunksOf(whole, 1, 65_536, 777, 3 * MEBIBYTE)) await writer.write(chunk);
    const parts = await writer.finish();

    expect(parts.map(({ partNumber, bytes }) => [partNumber, bytes])).toEqual([
      [1, PART],
      [2, PART],
      [3, 12_345],
    ]);
    expect(parts.map((part) => part.crc32)).toEqual(
      [0, 1, 2].map((index) => crc32(whole.subarray(index * PART, (index + 1) * PART))),
    );
    expect(told.at(-1)).toBe(whole.length);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    await completeUpload(store, upload, parts);
    expect((await readObject(client, bucket, 'one size')).equals(whole)).toBe(true);
  });

  it.each([1, 2])('makes no empty part behind %d full ones', async (full) => {
    const upload = await begin(`full ${full}`);
    const writer = writerOf(upload);
    for (const chunk of chunksOf(noise(full * PART), MEBIBYTE)) await writer.write(chunk);
    expect((await writer.finish()).map(({ bytes }) => bytes)).toEqual(Array.from({ length: full }, () => PART));
  });

  it('makes an empty object of nothing', async () => {
    const upload = await begin('empty');
    await completeUpload(store, upload, await writerOf(upload).finish());
    expect(await readObject(client, bucket, 'empty')).toHaveLength(0);
  });

  it('uploads nothing that is shorter than a part before the end', async () => {
    const upload = await begin('unfinished');
    const writer = writerOf(upload);
    for (const chunk of chunksOf(noise(PART + 1000), 300_000)) await writer.write(chunk);
    // A second part would be under way by now: finishing another writer of the same upload waits at least as long.
    await writerOf(upload, { stored: [{ partNumber: 1, etag: '', bytes: PART }] }).finish();
    expect((await listUploadedParts(store, upload)).every(({ bytes }) => bytes === PART)).toBe(true);
    await writer.finish();
    expect((await listUploadedParts(store, upload)).map(({ bytes }) => bytes)).toEqual([PART, 1000]);
  });

  it('goes on behind the parts that S3 has, to the same object', async () => {
    const whole = noise(3 * PART + 500, 2);
    const upload = await begin('resumed');
    const first = writerOf(upload);
    for (const chunk of chunksOf(whole.subarray(0, 2 * PART), 999_999)) await first.write(chunk);
    await first.finish();

    const stored = await listUploadedParts(store, upload);
    expect(stored.map(({ bytes }) => bytes)).toEqual([PART, PART]);
    const told: number[] = [];
    const second = writerOf(upload, { stored, onStored: (bytes) => told.push(bytes) });
    for (const chunk of chunksOf(whole.subarray(2 * PART), 123_456)) await second.write(chunk);
    const parts = await second.finish();
    expect(parts.map(({ partNumber }) => partNumber)).toEqual([1, 2, 3, 4]);
    expect(Math.min(...told)).toBeGreaterThan(2 * PART);
    await completeUpload(store, upload, parts);
    expect((await readObject(client, bucket, 'resumed')).equals(whole)).toBe(true);
  });

  it('gives the right object although a writer that was thought dead writes the same upload', async () => {
    const whole = noise(3 * PART + 77, 3);
    const upload = await begin('zombie');
    const zombie = writerOf(upload);
    const heir = writerOf(upload);
    const feed = async (writer: UploadWriter, size: number): Promise<UploadedPart[]> => {
      for (const chunk of chunksOf(whole, size)) await writer.write(chunk);
      return writer.finish();
    };
    const [, parts] = await Promise.all([feed(zombie, 700_000), feed(heir, 400_000)]);
    await completeUpload(store, upload, parts);
    expect((await readObject(client, bucket, 'zombie')).equals(whole)).toBe(true);
  });

  it('ends with its signal and leaves the upload open, with what it has', async () => {
    const upload = await begin('aborted');
    const controller = new AbortController();
    const writer = writerOf(upload, {
      signal: controller.signal,
      onStored: () => {
        controller.abort();
      },
    });
    const writing = (async () => {
      for (const chunk of chunksOf(noise(6 * PART), PART)) await writer.write(chunk);
      return writer.finish();
    })();
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
    expect(await findUploads(store, bucket, 'aborted')).toEqual([upload]);
    expect((await listUploadedParts(store, upload)).length).toBeGreaterThan(0);
  });

  it('tells what S3 answered to a part, at the latest when it finishes', async () => {
    const upload = await begin('gone');
    await abortUpload(store, upload);
    const writer = writerOf(upload);
    await writer.write(noise(10));
    const failure: unknown = await writer.finish().catch((error: unknown) => error);
    expect(isNoSuchUpload(failure)).toBe(true);
  });

  it('takes no more once a part has failed', async () => {
    const upload = await begin('failing');
    await abortUpload(store, upload);
    const writer = writerOf(upload);
    let taken = 0;
    const writing = (async () => {
      for (const chunk of chunksOf(noise(8 * PART), PART)) {
        await writer.write(chunk);
        taken++;
      }
    })();
    await expect(writing).rejects.toMatchObject({ name: 'NoSuchUpload' });
    expect(taken).toBeLessThan(5);
  });
});

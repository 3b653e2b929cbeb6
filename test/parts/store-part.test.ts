import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FileMismatchError } from '../../src/parts/part-verifier.js';
import { readBack, type StoredPart } from '../../src/parts/read-back.js';
import { storePart } from '../../src/parts/store-part.js';
import type { StoreContext } from '../../src/parts/transfer-context.js';
import { crc32 } from '../../src/bytes/crc32.js';
import {
  createUpload,
  findUploads,
  listUploadedParts,
  uploadPart,
  type MultipartUpload,
} from '../../src/storage/multipart-upload.js';
import { headObject, putBytes } from '../../src/storage/objects.js';
import { csv, csvOfBytes, PART_BYTES, rows, Run } from './run.js';

let run: Run;
let uploadIds: string[] = [];

beforeAll(async () => {
  run = await Run.start();
});

afterAll(async () => {
  await run.stop();
});

afterEach(() => {
  run.server.downloads.length = 0;
  uploadIds = [];
});

function contextOf(key: string, file: Buffer, told: { bytes?: number; sha256?: string } = {}): StoreContext {
  const { exportId } = run.server.job(file);
  return {
    marketo: run.marketo,
    store: run.store,
    location: { bucket: run.bucket, key },
    exportId,
    file: { bytes: file.length, sha256: createHash('sha256').update(file).digest('hex'), ...told },
    signal: new AbortController().signal,
    uploadId: undefined,
    onProgress: ({ uploadId }) => uploadIds.push(uploadId),
    onResume: () => undefined,
  };
}

/** Uploads a file's first parts as an attempt that died would have. */
async function leave(context: StoreContext, file: Buffer, parts: number): Promise<MultipartUpload> {
  const upload = await createUpload(run.store, context.location, { contentType: 'text/csv' });
  for (let part = 0; part < parts; part++) {
    const body = file.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    await uploadPart(run.store, upload, part + 1, body, crc32(body));
  }
  return upload;
}

/** What was stored is the file and what was added, and nothing is left open. */
async function expectStored(context: StoreContext, stored: StoredPart, file: Buffer, added = ''): Promise<void> {
  const whole = Buffer.concat([file, Buffer.from(added)]);
  expect((await run.read(context.location.key)).equals(whole)).toBe(true);
  expect(stored).toMatchObject({
    partBytes: whole.length,
    etag: (await headObject(run.store, context.location))?.etag,
  });
  const { contents } = stored;
  if ('problem' in contents) throw new Error(contents.problem);
  const header = whole.subarray(0, whole.indexOf('\n') + 1);
  expect(contents.header).toEqual(header);
  expect(contents.bodyCrc32).toBe(crc32(whole.subarray(header.length)));
  contents.ids.dispose();
  expect(await run.openUploads()).toEqual([]);
}

describe('storing a file', () => {
  it.each([
    ['with a last line end', { last: true }, ''],
    ['without one, which is added', { last: false }, '\n'],
    ['with CRLFs', { lineEnd: '\r\n', last: true }, ''],
    ['with CRLFs but for the last, which is added', { lineEnd: '\r\n', last: false }, '\r\n'],
  ])('%s gives one object, fetched once', async (name, options, added) => {
    const file = csv(rows(1, 1000), options);
    const context = contextOf(`stored/${name}`, file);
    const stored = await storePart(context);
    await expectStored(context, stored, file, added);
    expect(stored.contents).toMatchObject({ records: 1000 });
    expect(run.server.downloads).toEqual([0]);
  });

  it.each([
    ['header', csv([]), ''],
    ['header without line end', csv([], { last: false }), '\n'],
  ])('that is a %s alone gives just that', async (name, file, added) => {
    const context = contextOf(`stored/${name}`, file);
    const stored = await storePart(context);
    await expectStored(context, stored, file, added);
    expect(stored.contents).toMatchObject({ records: 0 });
  });

  it.each([
    [1, true, ''],
    [1, false, '\n'],
    [2, true, ''],
    [2, false, '\n'],
  ])('of exactly %d parts, last line end %s, gives one object', async (parts, last, added) => {
    const file = csvOfBytes(parts * PART_BYTES, { last });
    expect(file).toHaveLength(parts * PART_BYTES);
    const context = contextOf(`exact/${parts}/${last}`, file);
    await expectStored(context, await storePart(context), file, added);
  });

  it('done again reads back what is there and fetches nothing', async () => {
    const file = csv(rows(1, 100), { last: false });
    const context = contextOf('again', file);
    const first = await storePart(context);
    if (!('problem' in first.contents)) first.contents.ids.dispose();
    await expectStored(context, await storePart(context), file, '\n');
    expect(run.server.downloads).toEqual([0]);
  });
});

describe('a file whose beginning an earlier attempt stored', () => {
  it.each([
    ['with a last line end', { last: true }, ''],
    ['without one', { last: false }, '\n'],
    ['with CRLFs but for the last', { lineEnd: '\r\n', last: false }, '\r\n'],
  ])('%s is fetched from the next byte on', async (name, options, added) => {
    const file = csvOfBytes(2 * PART_BYTES + 1_000_000, options);
    const context = contextOf(`resumed/${name}`, file);
    const upload = await leave(context, file, 1);
    await expectStored(context, await storePart({ ...context, uploadId: upload.uploadId }), file, added);
    expect(run.server.downloads[0]).toBe(PART_BYTES);
    expect(uploadIds[0]).toBe(upload.uploadId);
    // Nothing but the first line, for its line end, is fetched beside the rest.
    expect(run.server.downloads.slice(1)).toEqual(added === '' ? [] : [0]);
  });

  it.each([
    [1, true, ''],
    [2, true, ''],
    [2, false, '\n'],
  ])('of exactly %d parts, all of them stored, last line end %s, is completed', async (parts, last, added) => {
    const file = csvOfBytes(parts * PART_BYTES, { last });
    const context = contextOf(`whole/${parts}/${last}`, file);
    await leave(context, file, parts);
    await expectStored(context, await storePart(context), file, added);
    expect(run.server.downloads[0]).toBe(parts * PART_BYTES - 1);
  });

  it('is taken up without being told the upload', async () => {
    const file = csvOfBytes(PART_BYTES + 1000);
    const context = contextOf('untold', file);
    await leave(context, file, 1);
    await expectStored(context, await storePart(context), file);
    expect(run.server.downloads).toEqual([PART_BYTES]);
  });

  it('is whole where the last part is stored too', async () => {
    const file = csvOfBytes(PART_BYTES + 1000);
    const context = contextOf('last part', file);
    await leave(context, file, 2);
    await expectStored(context, await storePart(context), file);
    expect(run.server.downloads).toEqual([]);
  });

  it('goes on in the upload that has most, and leaves the other to the clean-up', async () => {
    const file = csvOfBytes(2 * PART_BYTES + 1000);
    const context = contextOf('two uploads', file);
    const less = await leave(context, file, 0);
    await leave(context, file, 2);
    const stored = await storePart({ ...context, uploadId: less.uploadId });
    if (!('problem' in stored.contents)) stored.contents.ids.dispose();
    expect(run.server.downloads).toEqual([2 * PART_BYTES]);
    expect(await findUploads(run.store, run.bucket, 'two uploads')).toEqual([less]);
    await run.abort(less);
  });

  it('is not trusted where there is a gap or a part of another size', async () => {
    const file = csvOfBytes(2 * PART_BYTES + 1000);
    const context = contextOf('gap', file);
    const upload = await createUpload(run.store, context.location);
    const second = file.subarray(PART_BYTES, 2 * PART_BYTES);
    await uploadPart(run.store, upload, 1, file.subarray(0, 6_000_000), crc32(file.subarray(0, 6_000_000)));
    await uploadPart(run.store, upload, 2, second, crc32(second));
    await expectStored(context, await storePart(context), file);
    expect(run.server.downloads).toEqual([0]);
  });

  it('is found out where its bytes are not those of the file: nothing of it is left', async () => {
    const file = csvOfBytes(PART_BYTES + 1000);
    const context = contextOf('wrong beginning', file);
    const wrong = Buffer.from(file);
    wrong[100] = (wrong[100] ?? 0) ^ 1;
    await leave(context, wrong, 1);
    await expect(storePart(context)).rejects.toThrow(FileMismatchError);
    expect(await headObject(run.store, context.location)).toBeNull();
    expect(await run.openUploads()).toEqual([]);
    await expectStored(context, await storePart(context), file);
  });

  it('belongs to an upload of another key that only begins so: that is left alone', async () => {
    const file = csv(rows(1, 10));
    const context = contextOf('prefix', file);
    const other = await createUpload(run.store, { bucket: run.bucket, key: 'prefix of another' });
    const stored = await storePart(context);
    if (!('problem' in stored.contents)) stored.contents.ids.dispose();
    expect(await listUploadedParts(run.store, other)).toEqual([]);
    expect(await run.openUploads()).toEqual(['prefix of another']);
    await run.abort(other);
  });
});

describe('a file whose size was told wrong, and whose checksum is right', () => {
  it.each([-12, -1, 1, 12])('is stored as it is: by %d bytes', async (by) => {
    const file = csv(rows(1, 100));
    const context = contextOf(`size/${by}`, file, { bytes: file.length + by });
    await expectStored(context, await storePart(context), file);
    await expectStored(context, await storePart(context), file);
  });

  it.each<[string, number, boolean]>([
    ['shorter', 12, true],
    ['longer', -12, true],
    ['shorter, without line end', 12, false],
    ['longer, without line end', -12, false],
  ])('is taken up at the next byte where it is %s than told', async (_, by, last) => {
    for (const bytes of [PART_BYTES, PART_BYTES + 5000]) {
      const file = csvOfBytes(bytes, { last });
      const context = contextOf(`taken up/${by}/${last}/${bytes}`, file, { bytes: file.length + by });
      await leave(context, file, 1);
      await expectStored(context, await storePart(context), file, last ? '' : '\n');
    }
  });
});

describe('a file that is not what Marketo told', () => {
  beforeEach(() => {
    // Only the bytes themselves tell how many they are.
    run.server.tellsLength = false;
  });

  afterEach(() => {
    run.server.tellsLength = true;
  });

  it.each([
    ['of another checksum', { sha256: '0'.repeat(64) }],
    ['that is far longer', { bytes: 500 }],
  ])('%s is refused, and nothing of it is left', async (name, told) => {
    const context = contextOf(`refused/${name}`, csvOfBytes(2_000_000), told);
    await expect(storePart(context)).rejects.toThrow(FileMismatchError);
    expect(await headObject(run.store, context.location)).toBeNull();
    expect(await run.openUploads()).toEqual([]);
  });

  it.each([
    ['an id that is none', csv(['1,a', 'null,b'])],
    ['a header without id', csv(['a'], { header: 'email' })],
    ['an open quote at its end', csv(['1,"a'])],
  ])('but cannot be read is stored all the same, with what is wrong: %s', async (name, file) => {
    const context = contextOf(`unreadable/${name}`, file);
    const { contents } = await storePart(context);
    expect(contents).toEqual({ problem: expect.any(String) });
    expect(await headObject(run.store, context.location)).not.toBeNull();
  });
});

describe('reading a part back', () => {
  it('finds a changed byte, and deletes the part', async () => {
    const file = csv(rows(1, 100));
    const context = contextOf('tampered', file);
    await putBytes(run.store, context.location, Buffer.from(file.toString().replace('lead.50', 'lead.5O')));
    await expect(readBack(context, 'tolerant')).rejects.toThrow(FileMismatchError);
    expect(await headObject(run.store, context.location)).toBeNull();
  });

  it.each([
    ['no line end where one is to be added', csv(rows(1, 10), { last: false }), ''],
    ['something behind the file', csv(rows(1, 10)), '11,more\n'],
    ['the wrong line end', csv(rows(1, 10), { lineEnd: '\r\n', last: false }), '\n'],
  ])('finds %s', async (name, file, added) => {
    const context = contextOf(`behind/${name}`, file);
    await putBytes(run.store, context.location, Buffer.concat([file, Buffer.from(added)]));
    await expect(readBack(context, 'tolerant')).rejects.toThrow(FileMismatchError);
  });

  it('finds that the part is gone', async () => {
    await expect(readBack(contextOf('gone', csv([])), 'tolerant')).rejects.toThrow('The part is gone from S3');
  });
});

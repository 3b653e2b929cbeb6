import { afterEach, describe, expect, it } from '@jest/globals';
import { deleteObjects } from '../../src/storage/delete-objects.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  findUploads,
  listUploadedParts,
  uploadPart,
  uploadPartCopy,
} from '../../src/storage/multipart-upload.js';
import type { ObjectStore } from '../../src/storage/object-store.js';
import { getBytes, headObject, listKeys, putBytes } from '../../src/storage/objects.js';
import { errorXml, failureOf, scriptedS3, type ScriptedS3 } from './scripted-s3.js';

const location = { bucket: 'leads', key: 'k' };
const upload = { ...location, uploadId: 'u' };
const bytes = Buffer.from('x');
const part = { partNumber: 1, etag: '"e"', bytes: 1, crc32: 0 };
const reason = new Error('the run is cancelled');

let s3: ScriptedS3;

afterEach(() => s3.stop());

type Operation = (store: ObjectStore, signal: AbortSignal) => Promise<unknown>;

/** Whether others see what it does: then its answer is waited for. */
const WRITES: [string, Operation][] = [
  ['createUpload', (store, signal) => createUpload(store, location, {}, signal)],
  ['completeUpload', (store, signal) => completeUpload(store, upload, [part], undefined, 0, signal)],
  ['abortUpload', (store, signal) => abortUpload(store, upload, signal)],
  ['putBytes', (store, signal) => putBytes(store, location, bytes, { signal })],
  ['deleteObjects', (store, signal) => deleteObjects(store, 'leads', ['k'], signal)],
];
const READS: [string, Operation][] = [
  ['uploadPart', (store, signal) => uploadPart(store, upload, 1, bytes, 0, signal)],
  [
    'uploadPartCopy',
    (store, signal) => uploadPartCopy(store, upload, 1, { key: 's', etag: '"e"', start: 0, end: 1 }, signal),
  ],
  ['listUploadedParts', (store, signal) => listUploadedParts(store, upload, signal)],
  ['findUploads', (store, signal) => findUploads(store, 'leads', '', signal)],
  ['headObject', (store, signal) => headObject(store, location, signal)],
  ['getBytes', (store, signal) => getBytes(store, location, { signal })],
  ['listKeys', (store, signal) => listKeys(store, 'leads', '', signal).next()],
];

describe('an aborted signal', () => {
  it.each([...WRITES, ...READS])('lets %s send nothing', async (_name, operation) => {
    s3 = await scriptedS3((_request, response) => response.writeHead(500).end());
    expect(await failureOf(operation(s3.store, AbortSignal.abort(reason)))).toBe(reason);
    expect(s3.requests).toEqual([]);
  });

  it.each([...WRITES, ...READS])('lets %s try nothing again', async (_name, operation) => {
    const controller = new AbortController();
    s3 = await scriptedS3((_request, response) => {
      controller.abort(reason);
      response.writeHead(503).end(errorXml('SlowDown'));
    });
    expect(await failureOf(operation(s3.store, controller.signal))).toBe(reason);
    expect(s3.requests).toHaveLength(1);
  });

  it.each(READS)('ends %s although nobody answers', async (_name, operation) => {
    const controller = new AbortController();
    s3 = await scriptedS3(() => {
      controller.abort(reason);
    });
    expect(await failureOf(operation(s3.store, controller.signal))).toBe(reason);
  });
});

describe('a write that was sent before its signal was aborted', () => {
  it.each([
    ['putBytes', WRITES[3], { etag: '"new"' }, '', '"new"'],
    [
      'completeUpload',
      WRITES[1],
      {},
      '<CompleteMultipartUploadResult><ETag>"new"</ETag></CompleteMultipartUploadResult>',
      { etag: '"new"' },
    ],
  ] as const)('is waited for: %s', async (_name, write, headers, body, result) => {
    const controller = new AbortController();
    s3 = await scriptedS3((_request, response) => {
      controller.abort(reason);
      setImmediate(() => response.writeHead(200, headers).end(body));
    });
    expect(await write?.[1](s3.store, controller.signal)).toEqual(result);
  });
});

describe('an upload that began although its signal was aborted meanwhile', () => {
  const begun = '<InitiateMultipartUploadResult><UploadId>late</UploadId></InitiateMultipartUploadResult>';

  it.each([204, 404, 500])('is given up, even if that is answered with %d', async (status) => {
    const controller = new AbortController();
    s3 = await scriptedS3(({ method }, response) => {
      controller.abort(reason);
      if (method === 'POST') response.writeHead(200).end(begun);
      else response.writeHead(status).end();
    });
    expect(await failureOf(createUpload(s3.store, location, {}, controller.signal))).toBe(reason);
    expect(s3.requests[1]).toBe('DELETE /leads/k?uploadId=late&x-id=AbortMultipartUpload');
  });
});

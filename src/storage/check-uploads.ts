import { crc32 } from '../bytes/crc32.js';
import type { Condition } from './conditions.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  findUploads,
  listUploadedParts,
  MIN_UPLOAD_PART_BYTES,
  uploadPart,
  uploadPartCopy,
  type MultipartUpload,
  type UploadedPart,
} from './multipart-upload.js';
import type { ObjectOptions } from './object-options.js';
import { headObject } from './objects.js';
import { isNotFound, isPreconditionFailed, isRefused } from './s3-errors.js';
import type { StoreProbe } from './store-probe.js';

const END = Buffer.from('the end\n');

/** The source of the probe: it must be longer than a part. */
export interface Source {
  readonly etag: string;
  readonly bytes: Buffer;
}

/** One upload that must not be completed and is given up, and one that replaces the target. */
export async function checkUploads(probe: StoreProbe, source: Source, options: ObjectOptions): Promise<void> {
  const before = await headObject(probe.store, probe.target, probe.signal);
  const first = await begin(probe, options);
  if (first) await checkRefusals(probe, first, source.etag);
  const second = first && (await begin(probe, options));
  if (!second) return;
  const copied = source.bytes.subarray(source.bytes.length - MIN_UPLOAD_PART_BYTES);
  const start = await copyOrUpload(probe, second, source, copied);
  const end = await uploadEnd(probe, second, 2);
  if (!start || !end) return;
  await checkLists(probe, second, [start, end]);
  const whole = Buffer.concat([copied, END]);
  const condition = before && probe.lacks.length === 0 ? { ifMatch: before.etag } : undefined;
  const done = await probe.need('s3:PutObject', 'completes no multipart upload with a CRC-32 of the whole', () =>
    completeUpload(probe.store, second, [start, end], condition, crc32(whole), probe.signal),
  );
  if (done) await checkObject(probe, whole, options);
}

async function begin(probe: StoreProbe, options: ObjectOptions): Promise<MultipartUpload | undefined> {
  const { store, target, signal, lacks } = probe;
  const { tags, ...rest } = options;
  const hasTags = Object.keys(tags ?? {}).length > 0;
  const lack = 'begins no multipart upload with a CRC-32 of the whole and the headers of the output';
  const upload = await probe.need(`s3:PutObject${hasTags ? ' and s3:PutObjectTagging' : ''}`, lack, () =>
    createUpload(store, target, options, signal),
  );
  if (upload) probe.uploads.push(upload);
  else if (hasTags) {
    const withoutTags = await createUpload(store, target, rest, signal).catch(() => undefined);
    if (withoutTags) {
      probe.uploads.push(withoutTags);
      lacks.push('takes no tags: leave them out');
    }
  }
  return upload;
}

/** Completes an upload on conditions that do not hold, since the target is there and is not the source; then gives it up. */
async function checkRefusals(probe: StoreProbe, upload: MultipartUpload, otherEtag: string): Promise<void> {
  const { store, signal } = probe;
  const part = await uploadEnd(probe, upload, 1);
  if (!part) return;
  const complete = (condition: Condition): Promise<unknown> =>
    completeUpload(store, upload, [part], condition, crc32(END), signal);
  if (probe.lacks.length === 0) {
    const kept = await probe.mustRefuse('CompleteMultipartUpload with If-None-Match', () =>
      complete({ ifNoneMatch: '*' }),
    );
    if (kept) await probe.mustRefuse('CompleteMultipartUpload with If-Match', () => complete({ ifMatch: otherEtag }));
  }
  await probe.need('s3:AbortMultipartUpload', 'aborts no upload', () => abortUpload(store, upload, signal));
}

function uploadEnd(probe: StoreProbe, upload: MultipartUpload, partNumber: number): Promise<UploadedPart | undefined> {
  return probe.need('s3:PutObject', 'takes no part with its CRC-32', () =>
    uploadPart(probe.store, upload, partNumber, END, crc32(END), probe.signal),
  );
}

/** The first part as the merge makes it; uploaded where the store does not copy. */
async function copyOrUpload(
  probe: StoreProbe,
  upload: MultipartUpload,
  { etag, bytes }: Source,
  wanted: Buffer,
): Promise<UploadedPart | undefined> {
  const { store, signal } = probe;
  const range = { key: probe.source.key, etag, start: bytes.length - wanted.length, end: bytes.length };
  const upLoad = (why: string): Promise<UploadedPart | undefined> => {
    probe.doesWithout.push(`${why}: the output is streamed through the worker instead`);
    return probe.need('s3:PutObject', 'takes no part of 5 MiB', () =>
      uploadPart(store, upload, 1, wanted, crc32(wanted), signal),
    );
  };
  return probe.need('s3:GetObject and s3:PutObject', 'copies no range of an object with a known ETag', async () => {
    const part = await uploadPartCopy(store, upload, 1, range, signal).catch((error: unknown) => {
      if (isRefused(error) && !isPreconditionFailed(error) && !isNotFound(error)) return undefined;
      throw error;
    });
    if (!part) return upLoad('The store does not copy ranges into parts');
    if (part.crc32 === undefined) return upLoad('The store does not tell the CRC-32 of a copied part');
    if (part.crc32 !== crc32(wanted)) probe.lacks.push('copies other bytes than the range that is asked for');
    return part;
  });
}

async function checkLists(probe: StoreProbe, upload: MultipartUpload, parts: readonly UploadedPart[]): Promise<void> {
  const { store, bucket, prefix, signal, lacks, uploads } = probe;
  const listed = await probe.need('s3:ListMultipartUploadParts', 'lists no parts', () =>
    listUploadedParts(store, upload, signal),
  );
  const sizes = (some: readonly UploadedPart[]): string => some.map(({ bytes }) => bytes).join();
  if (listed && sizes(listed) !== sizes(parts)) lacks.push('does not list the parts of an upload');
  const open = await probe.need('s3:ListBucketMultipartUploads', 'lists no open uploads', () =>
    findUploads(store, bucket, prefix, signal),
  );
  if (open?.every(({ uploadId }) => uploadId !== upload.uploadId)) lacks.push('does not list an open upload');
  // Where the answer to a creation was lost, the SDK has made another.
  const lost = open?.filter(({ uploadId }) => uploads.every((known) => known.uploadId !== uploadId)) ?? [];
  for (const other of lost) await abortUpload(store, other, signal);
}

async function checkObject(
  { store, target, signal, lacks }: StoreProbe,
  whole: Buffer,
  options: ObjectOptions,
): Promise<void> {
  const head = await headObject(store, target, signal);
  if (head?.bytes !== whole.length || (head.crc32 ?? crc32(whole)) !== crc32(whole)) {
    lacks.push('makes another object of the parts of an upload');
    return;
  }
  const kept = Object.entries(options.metadata ?? {}).every(([name, value]) => head.metadata[name] === value);
  if (!kept) lacks.push('does not keep the metadata of an object');
}

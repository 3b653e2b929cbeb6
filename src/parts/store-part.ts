import type { Quoting } from '../csv/record-scanner.js';
import type { MarketoClient } from '../marketo/client.js';
import { isNoSuchUpload } from '../storage/s3-errors.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  findUploads,
  listUploadedParts,
  type MultipartUpload,
  type UploadedPart,
} from '../storage/multipart-upload.js';
import { deleteObjects, getObjectStream, headObject } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import { uploadPartBytes, UploadWriter } from '../storage/upload-writer.js';
import type { ObjectLocation } from '../storage/s3-url.js';
import {
  FileMismatchError,
  lineEndIn,
  PartVerifier,
  SAMPLE_BYTES,
  type Contents,
  type ExpectedFile,
} from './part-verifier.js';
import { receiveFile } from './receive-file.js';

/** What storing a part works with. */
export interface StoreContext {
  readonly marketo: MarketoClient;
  readonly store: ObjectStore;
  readonly location: ObjectLocation;
  readonly exportId: string;
  readonly file: ExpectedFile;
  readonly signal: AbortSignal;
  /** Upload of an earlier attempt, a hint that S3 confirms or not. */
  readonly uploadId: string | undefined;
  /** Called when bytes have come to rest in S3, and each time that a transfer is taken up again. */
  readonly onProgress: (progress: { readonly uploadId: string; readonly storedBytes: number }) => void;
  readonly onResume: (reason: string) => void;
}

/** A part in S3 whose bytes are the file's, with what is in them. */
export interface StoredFile {
  readonly etag: string;
  readonly bytes: number;
  readonly contents: Contents | { readonly problem: string };
}

/**
 * Brings an export file to S3 as one object and verifies each byte on the way. What an earlier attempt left in S3 is used:
 * the part list of its upload says from which byte to go on, and since the bytes before have not passed through this
 * process, the finished object is read back and verified whole.
 *
 * @throws FileMismatchError if the bytes are not those that Marketo told of; nothing is left of them then
 */
export async function storePart(context: StoreContext): Promise<StoredFile> {
  const { store, location } = context;
  const found = await findEarlier(context);
  if (found === 'finished') return readBack(context, 'tolerant');
  const upload = found?.upload ?? (await createUpload(store, location, { contentType: 'text/csv' }));
  const stored = found?.stored ?? [];
  context.onProgress({ uploadId: upload.uploadId, storedBytes: sizeOf(stored) });
  try {
    if (stored.length > 0) await receiveRest(context, upload, stored);
    else {
      const examined = await receiveWhole(context, upload);
      if (examined) return examined;
    }
  } catch (error) {
    if (error instanceof FileMismatchError) await abortUpload(store, upload);
    throw error;
  }
  return readBack(context, 'tolerant');
}

/**
 * Reads a stored part back and examines it anew.
 *
 * @throws FileMismatchError if it is not the file that Marketo told of; it is deleted then
 */
export async function readBack(context: StoreContext, quoting: Quoting): Promise<StoredFile> {
  const { store, location, file } = context;
  const head = await headObject(store, location);
  if (!head) throw new FileMismatchError('The part is gone from S3');
  const verifier = new PartVerifier(file, quoting);
  try {
    const rest: Buffer[] = [];
    let position = 0;
    for await (const chunk of await getObjectStream(store, location, { ifMatch: head.etag, signal: context.signal })) {
      const ofFile = Math.max(0, Math.min(chunk.length, file.fileBytes - position));
      if (ofFile > 0) verifier.push(chunk.subarray(0, ofFile));
      if (ofFile < chunk.length) rest.push(Buffer.from(chunk.subarray(ofFile)));
      position += chunk.length;
      context.onProgress({ uploadId: '', storedBytes: head.bytes });
    }
    const examination = verifier.end();
    if (!Buffer.concat(rest).equals(examination.addedNewline)) {
      throw new FileMismatchError('The part in S3 does not end as its file does');
    }
    return { etag: head.etag, bytes: head.bytes, contents: examination.contents };
  } catch (error) {
    verifier.dispose();
    if (error instanceof FileMismatchError) await deleteObjects(store, location.bucket, [location.key]);
    throw error;
  }
}

/** The whole file through verifier and upload at once. Nothing if somebody else completed the upload: then what is there must be read back. */
async function receiveWhole(context: StoreContext, upload: MultipartUpload): Promise<StoredFile | undefined> {
  const verifier = new PartVerifier(context.file, 'tolerant');
  const writer = writerOf(context, upload, []);
  try {
    for await (const chunk of receive(context, 0)) {
      verifier.push(chunk);
      await writer.write(chunk);
    }
    const examination = verifier.end();
    await writer.write(examination.addedNewline);
    const etag = await finish(context, upload, writer);
    if (etag !== undefined) {
      const bytes = context.file.fileBytes + examination.addedNewline.length;
      return { etag, bytes, contents: examination.contents };
    }
  } catch (error) {
    verifier.dispose();
    throw error;
  }
  verifier.dispose();
  return undefined;
}

/** The rest of a file whose beginning an earlier attempt stored. */
async function receiveRest(
  context: StoreContext,
  upload: MultipartUpload,
  stored: readonly UploadedPart[],
): Promise<void> {
  const { fileBytes } = context.file;
  const writer = writerOf(context, upload, stored);
  const from = sizeOf(stored);
  // A last, shorter part is only stored once the whole file was seen, with the line end that it may need.
  const isWhole = from > fileBytes || (from === fileBytes && from % uploadPartBytes(fileBytes) !== 0);
  if (!isWhole) {
    let last = 0;
    for await (const chunk of receive(context, Math.min(from, fileBytes - 1))) {
      last = chunk[chunk.length - 1] ?? 0;
      if (from < fileBytes) await writer.write(chunk);
    }
    if (last !== LINE_FEED) await writer.write(await lineEndOf(context));
  }
  await finish(context, upload, writer);
}

const LINE_FEED = 0x0a;

/** The line end of the file's first line, read anew from the file's first bytes. */
async function lineEndOf(context: StoreContext): Promise<Buffer> {
  const sample: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of receive(context, 0)) {
    sample.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes >= SAMPLE_BYTES) break;
  }
  return lineEndIn(Buffer.concat(sample).subarray(0, SAMPLE_BYTES));
}

function receive(
  { marketo, exportId, file, signal, onResume }: StoreContext,
  fromByte: number,
): AsyncGenerator<Buffer> {
  return receiveFile(marketo, { exportId, fromByte, fileBytes: file.fileBytes, signal, onResume });
}

function writerOf(context: StoreContext, upload: MultipartUpload, stored: readonly UploadedPart[]): UploadWriter {
  return new UploadWriter({
    store: context.store,
    upload,
    partBytes: uploadPartBytes(context.file.fileBytes),
    uploaded: stored,
    signal: context.signal,
    onUploaded: (storedBytes) => {
      context.onProgress({ uploadId: upload.uploadId, storedBytes });
    },
  });
}

/** Completes the upload and returns the object's ETag; nothing if the upload is gone, which may mean that it was completed. */
async function finish(
  { store }: StoreContext,
  upload: MultipartUpload,
  writer: UploadWriter,
): Promise<string | undefined> {
  try {
    const { etag } = await completeUpload(store, upload, await writer.finish());
    return etag;
  } catch (error) {
    if (isNoSuchUpload(error)) return undefined;
    throw error;
  }
}

/** What earlier attempts left of this part: the finished object, or the upload with the most bytes that can be used. */
async function findEarlier(
  context: StoreContext,
): Promise<'finished' | { readonly upload: MultipartUpload; readonly stored: UploadedPart[] } | undefined> {
  const { store, location, file } = context;
  const uploads = (await findUploads(store, location.bucket, location.key)).filter(({ key }) => key === location.key);
  const candidates = await Promise.all(
    uploads.map(async (upload) => ({ upload, stored: usable(await listUploadedParts(store, upload), file.fileBytes) })),
  );
  candidates.sort((a, b) => rank(b) - rank(a));
  const best = candidates[0];
  if (best) return best;
  return (await headObject(store, location)) ? 'finished' : undefined;

  function rank({ upload, stored }: { upload: MultipartUpload; stored: UploadedPart[] }): number {
    return sizeOf(stored) + (upload.uploadId === context.uploadId ? 0.5 : 0);
  }
}

/** The stored parts that can stay: from the first on, each of the full size, and the shorter last one once the file is whole. */
function usable(parts: readonly UploadedPart[], fileBytes: number): UploadedPart[] {
  const partBytes = uploadPartBytes(fileBytes);
  const kept: UploadedPart[] = [];
  for (const part of parts) {
    const isNext = part.partNumber === kept.length + 1;
    const isLast = sizeOf(kept) + part.bytes >= fileBytes;
    if (!isNext || (part.bytes !== partBytes && !isLast)) break;
    kept.push(part);
  }
  return kept;
}

function sizeOf(parts: readonly UploadedPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

import { isNoSuchUpload } from '../storage/s3-errors.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  type MultipartUpload,
  type UploadedPart,
} from '../storage/multipart-upload.js';
import { uploadPartBytes, UploadWriter } from '../storage/upload-writer.js';
import { findEarlier, sizeOf } from './earlier-upload.js';
import { FileMismatchError, lineEndIn, PartVerifier, SAMPLE_BYTES } from './part-verifier.js';
import { readBack, type StoredPart } from './read-back.js';
import { receiveFile } from './receive-file.js';
import type { StoreContext } from './transfer-context.js';

const LINE_FEED = 0x0a;

/**
 * Brings an export file to S3 as one object and verifies each byte on the way. What an earlier attempt left in S3 is used:
 * the part list of its upload says from which byte to go on, and since the bytes before have not passed through this
 * process, the finished object is read back and verified whole.
 *
 * @throws FileMismatchError if the bytes are not those that Marketo told of; nothing is left of them then
 */
export async function storePart(context: StoreContext): Promise<StoredPart> {
  const { store, location } = context;
  const found = await findEarlier(context);
  if (found === 'finished') return readBack(context, 'tolerant');
  const upload = found?.upload ?? (await createUpload(store, location, { contentType: 'text/csv' }));
  const uploaded = found?.uploaded ?? [];
  context.onProgress({ uploadId: upload.uploadId, uploadedBytes: sizeOf(uploaded) });
  try {
    if (uploaded.length > 0) await receiveRest(context, upload, uploaded);
    else {
      const stored = await receiveWhole(context, upload);
      if (stored) return stored;
    }
  } catch (error) {
    if (error instanceof FileMismatchError) await abortUpload(store, upload);
    throw error;
  }
  return readBack(context, 'tolerant');
}

/** The whole file through verifier and upload at once. Nothing if somebody else completed the upload: then what is there must be read back. */
async function receiveWhole(context: StoreContext, upload: MultipartUpload): Promise<StoredPart | undefined> {
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
      const partBytes = context.file.bytes + examination.addedNewline.length;
      return { etag, partBytes, contents: examination.contents };
    }
  } catch (error) {
    verifier.dispose();
    throw error;
  }
  verifier.dispose();
  return undefined;
}

/** The rest of a file whose beginning an earlier attempt uploaded. */
async function receiveRest(
  context: StoreContext,
  upload: MultipartUpload,
  uploaded: readonly UploadedPart[],
): Promise<void> {
  const fileBytes = context.file.bytes;
  const writer = writerOf(context, upload, uploaded);
  const from = sizeOf(uploaded);
  // A last, shorter part is only uploaded once the whole file was seen, with the line end that it may need.
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
  return receiveFile(marketo, { exportId, fromByte, bytes: file.bytes, signal, onResume });
}

function writerOf(
  { store, file, signal, onProgress }: StoreContext,
  upload: MultipartUpload,
  uploaded: readonly UploadedPart[],
): UploadWriter {
  const { uploadId } = upload;
  return new UploadWriter({
    store,
    upload,
    partBytes: uploadPartBytes(file.bytes),
    uploaded,
    signal,
    onUploaded: (uploadedBytes) => {
      onProgress({ uploadId, uploadedBytes });
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

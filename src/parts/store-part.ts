import { MarketoError } from '../marketo/marketo-errors.js';
import { isNoSuchUpload } from '../storage/s3-errors.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  type MultipartUpload,
  type UploadedPart,
} from '../storage/multipart-upload.js';
import { uploadPartBytesFor, UploadWriter } from '../storage/upload-writer.js';
import { findEarlier, sizeOf } from './earlier-upload.js';
import { FileMismatchError, PartVerifier } from './part-verifier.js';
import { readBack, type StoredPart } from './read-back.js';
import { receiveFile } from './receive-file.js';
import type { StoreContext } from './transfer-context.js';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Brings an export file to S3 as one object and verifies each byte on the way. What an earlier attempt left in S3 is used:
 * the part list of its upload says from which byte to go on, and since the bytes before have not passed through this
 * process, the finished object is read back and verified whole.
 *
 * @throws FileMismatchError if the bytes are not those that Marketo told of, MarketoError of action `jobGone` if there are none;
 * nothing is left of them then
 */
export async function storePart(context: StoreContext): Promise<StoredPart> {
  const { store, location } = context;
  const found = await findEarlier(context);
  if (found === 'finished') return readBack(context, 'tolerant');
  const upload = found?.upload ?? (await createUpload(store, location, { contentType: 'text/csv' }, context.signal));
  const uploaded = found?.uploaded ?? [];
  context.onProgress({ uploadId: upload.uploadId, uploadedBytes: sizeOf(uploaded) });
  try {
    if (uploaded.length > 0) await receiveRest(context, upload, uploaded);
    else {
      const stored = await receiveWhole(context, upload);
      if (stored) return stored;
    }
  } catch (error) {
    if (error instanceof FileMismatchError || isGone(error)) await abortUpload(store, upload);
    throw error;
  }
  return readBack(context, 'tolerant');
}

/** Whether the file will never come: another job's is another object, and nobody would ask for this upload again. */
function isGone(error: unknown): boolean {
  return error instanceof MarketoError && error.action === 'jobGone';
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
      const { bytes, addedNewline, contents } = examination;
      return { etag, partBytes: bytes + addedNewline.length, bytes, contents };
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
  const writer = writerOf(context, upload, uploaded);
  const from = sizeOf(uploaded);
  // A last, shorter part is only uploaded once the whole file was seen, with the line end that it may need.
  const isWhole = (uploaded.at(-1)?.bytes ?? 0) < uploadPartBytesFor(context.file.bytes);
  if (!isWhole) {
    let last: number | undefined;
    // Where the file ends with the uploaded parts, its last byte must be known all the same.
    let known = from < context.file.bytes ? 0 : 1;
    for await (const chunk of receive(context, from - known)) {
      last = chunk[chunk.length - 1];
      await writer.write(chunk.subarray(known));
      known = 0;
    }
    last ??= await byteAt(context, from - 1);
    if (last !== LINE_FEED) await writer.write(Buffer.from(await lineEndOfFile(context)));
  }
  await finish(context, upload, writer);
}

/** One byte of the file. */
async function byteAt(context: StoreContext, offset: number): Promise<number | undefined> {
  for await (const chunk of receive(context, offset)) return chunk[0];
  return undefined;
}

/** The line end of the file's header, read anew from the file's beginning. */
async function lineEndOfFile(context: StoreContext): Promise<string> {
  let before = 0;
  for await (const chunk of receive(context, 0)) {
    const end = chunk.indexOf(LINE_FEED);
    if (end === 0) return before === CARRIAGE_RETURN ? '\r\n' : '\n';
    if (end > 0) return chunk[end - 1] === CARRIAGE_RETURN ? '\r\n' : '\n';
    before = chunk[chunk.length - 1] ?? before;
  }
  return '\n';
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
    uploadPartBytes: uploadPartBytesFor(file.bytes),
    uploaded,
    signal,
    onUploaded: (uploadedBytes) => {
      onProgress({ uploadId, uploadedBytes });
    },
  });
}

/** Completes the upload and returns the object's ETag; nothing if the upload is gone, which may mean that it was completed. */
async function finish(
  { store, signal }: StoreContext,
  upload: MultipartUpload,
  writer: UploadWriter,
): Promise<string | undefined> {
  try {
    const { etag } = await completeUpload(store, upload, await writer.finish(), undefined, undefined, signal);
    return etag;
  } catch (error) {
    if (isNoSuchUpload(error)) return undefined;
    throw error;
  }
}

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { decodeCrc32, encodeCrc32 } from '../bytes/crc32.js';
import { defined } from '../contract/defined.js';
import { conditionParameters, onCondition, type Condition } from './conditions.js';
import { isNoSuchUpload, isNotFound, told } from './s3-errors.js';
import type { ObjectStore } from './object-store.js';
import { writeParameters, type ObjectOptions } from './object-options.js';
import { headObject } from './objects.js';
import type { ObjectLocation } from './s3-url.js';
import { awaited, droppable } from './signals.js';

export type { Condition } from './conditions.js';

/** Limits of a multipart upload (Amazon S3: Multipart upload limits). */
export const MIN_UPLOAD_PART_BYTES = 5 * 1024 * 1024;
export const MAX_UPLOAD_PART_BYTES = 5 * 1024 * 1024 * 1024;
export const MAX_UPLOAD_PARTS = 10_000;

export interface MultipartUpload extends ObjectLocation {
  readonly uploadId: string;
}

/** A part that S3 has. */
export interface UploadedPart {
  /** From 1 on. */
  readonly partNumber: number;
  readonly etag: string;
  readonly bytes: number;
  /** Where S3 tells it. */
  readonly crc32?: number;
}

/**
 * Begins an upload whose parts and whole S3 checks by CRC-32. None is begun once the signal is aborted; one whose answer comes
 * after that is given up again, since nobody else would know its id.
 */
export async function createUpload(
  store: ObjectStore,
  { bucket, key }: ObjectLocation,
  options: ObjectOptions = {},
  signal?: AbortSignal,
): Promise<MultipartUpload> {
  const command = new CreateMultipartUploadCommand({
    Bucket: bucket,
    Key: key,
    ChecksumAlgorithm: 'CRC32',
    ChecksumType: 'FULL_OBJECT',
    ...writeParameters(options),
    ...store.encryption,
  });
  const { UploadId } = await awaited(signal, () => store.client.send(command));
  const upload = { bucket, key, uploadId: told(UploadId, 'an upload id', key) };
  if (signal?.aborted === true) {
    // What cannot be given up now is found by its key, as after a crash.
    await abortUpload(store, upload).catch(() => undefined);
    signal.throwIfAborted();
  }
  return upload;
}

/** Uploads a part; S3 refuses bytes that do not have the CRC-32 that is sent with them. */
export async function uploadPart(
  { client }: ObjectStore,
  { bucket, key, uploadId }: MultipartUpload,
  partNumber: number,
  body: Buffer,
  crc32: number,
  signal?: AbortSignal,
): Promise<UploadedPart> {
  const command = new UploadPartCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: partNumber,
    Body: body,
    ContentLength: body.length,
    ChecksumCRC32: encodeCrc32(crc32),
  });
  const { ETag } = await droppable(signal, (options) => client.send(command, options));
  return { partNumber, etag: told(ETag, 'an ETag', key), bytes: body.length, crc32 };
}

/** A range of an object with a known ETag. */
export interface CopySource {
  readonly key: string;
  readonly etag: string;
  /** First byte, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/**
 * Lets S3 copy a range of an object of the same bucket into a part. The request fails with 412 if the object is another one
 * than the ETag says. The CRC-32 is absent where the store does not tell it.
 */
export async function uploadPartCopy(
  { client }: ObjectStore,
  { bucket, key, uploadId }: MultipartUpload,
  partNumber: number,
  source: CopySource,
  signal?: AbortSignal,
): Promise<UploadedPart> {
  const command = new UploadPartCopyCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: partNumber,
    CopySource: `${bucket}/${source.key.split('/').map(encodeURIComponent).join('/')}`,
    CopySourceIfMatch: source.etag,
    CopySourceRange: `bytes=${source.start}-${source.end - 1}`,
  });
  const { CopyPartResult } = await droppable(signal, (options) => client.send(command, options));
  return {
    partNumber,
    etag: told(CopyPartResult?.ETag, 'an ETag', key),
    bytes: source.end - source.start,
    ...defined({ crc32: decodeCrc32(CopyPartResult?.ChecksumCRC32) }),
  };
}

/**
 * Makes the object of its parts, all at once. S3 refuses (`BadDigest`) parts with other CRC-32s than these, and where the CRC-32
 * of the whole is given, to make another object than that.
 *
 * An upload that was completed already may answer as at first (SeaweedFS), NoSuchUpload, or that the condition does not hold,
 * since its own object is there now: only a look at the key tells then. Nothing is completed once the signal is aborted; the
 * answer to what was sent before is waited for.
 *
 * @throws an error that `isPreconditionFailed` knows, where the condition does not hold
 */
export async function completeUpload(
  store: ObjectStore,
  { bucket, key, uploadId }: MultipartUpload,
  parts: readonly UploadedPart[],
  condition?: Condition,
  crc32?: number,
  signal?: AbortSignal,
): Promise<{ readonly etag: string; readonly crc32?: number }> {
  const command = new CompleteMultipartUploadCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    ChecksumType: 'FULL_OBJECT',
    ...(crc32 !== undefined && { ChecksumCRC32: encodeCrc32(crc32) }),
    ...conditionParameters(condition),
    MultipartUpload: { Parts: parts.map(completedPart) },
  });
  const answer = await onCondition(
    condition,
    () => awaited(signal, () => store.client.send(command)),
    async () => (await headObject(store, { bucket, key }, signal))?.etag ?? null,
  );
  return { etag: told(answer.ETag, 'an ETag', key), ...defined({ crc32: decodeCrc32(answer.ChecksumCRC32) }) };
}

function completedPart({ partNumber, etag, crc32 }: UploadedPart): CompletedPart {
  return { PartNumber: partNumber, ETag: etag, ...(crc32 !== undefined && { ChecksumCRC32: encodeCrc32(crc32) }) };
}

/** Gives an upload up. One that is gone already is no error. */
export async function abortUpload(
  { client }: ObjectStore,
  { bucket, key, uploadId }: MultipartUpload,
  signal?: AbortSignal,
): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
  try {
    await awaited(signal, () => client.send(command));
  } catch (error) {
    if (!isNoSuchUpload(error) && !isNotFound(error)) throw error;
  }
}

/** All parts that an upload has, by number; without their CRC-32 on SeaweedFS. An upload that is gone has none. */
export async function listUploadedParts(
  { client }: ObjectStore,
  { bucket, key, uploadId }: MultipartUpload,
  signal?: AbortSignal,
): Promise<UploadedPart[]> {
  const parts: UploadedPart[] = [];
  let marker: string | undefined;
  do {
    const command = new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker });
    const page = await droppable(signal, (options) => client.send(command, options)).catch((error: unknown) => {
      if (isNoSuchUpload(error)) return undefined;
      throw error;
    });
    if (!page) return [];
    for (const { PartNumber, ETag, Size, ChecksumCRC32 } of page.Parts ?? []) {
      if (PartNumber === undefined || ETag === undefined || Size === undefined) continue;
      parts.push({
        partNumber: PartNumber,
        etag: ETag,
        bytes: Size,
        ...defined({ crc32: decodeCrc32(ChecksumCRC32) }),
      });
    }
    marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts.sort((a, b) => a.partNumber - b.partNumber);
}

/**
 * All open uploads whose key begins with a prefix. Where there are more than a page, Amazon S3 tells a key and an upload to go
 * on behind, SeaweedFS only the upload.
 */
export async function findUploads(
  { client }: ObjectStore,
  bucket: string,
  prefix: string,
  signal?: AbortSignal,
): Promise<MultipartUpload[]> {
  const uploads: MultipartUpload[] = [];
  let KeyMarker: string | undefined;
  let UploadIdMarker: string | undefined;
  do {
    const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker, UploadIdMarker });
    const page = await droppable(signal, (options) => client.send(command, options));
    for (const { Key, UploadId } of page.Uploads ?? []) {
      if (Key !== undefined && UploadId !== undefined) uploads.push({ bucket, key: Key, uploadId: UploadId });
    }
    const more = page.IsTruncated === true;
    KeyMarker = more ? page.NextKeyMarker : undefined;
    UploadIdMarker = more ? page.NextUploadIdMarker : undefined;
  } while (KeyMarker !== undefined || UploadIdMarker !== undefined);
  return uploads;
}

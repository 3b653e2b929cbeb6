import { planComposition, sizeOf, type Piece, type SourceRange } from './plan-composition.js';
import { append, crc32, firstDifference, type Checksummed } from '../bytes/crc32.js';
import { mapLimited } from './map-limited.js';
import { describeS3Error, isNotFound, isPreconditionFailed, isRefused } from './s3-errors.js';
import {
  uploadPartCopy,
  uploadPart,
  type CopySource,
  type MultipartUpload,
  type UploadedPart,
} from './multipart-upload.js';
import type { ObjectStore } from './object-store.js';
import { getObjectStream } from './objects.js';

/** Pieces under way at once: copies cost this process nothing, gathered pieces a buffer of 5 MiB each. */
const IN_PARALLEL = 4;

/** A range of an object, or bytes at hand, that must have a certain CRC-32. */
export type CheckedRange = SourceRange & { readonly crc32: number };

/** A range of an object that must have a certain CRC-32. */
export type CheckedSource = CopySource & { readonly crc32: number };

/** A source object is not the one that it was, or its bytes are not those that were verified. */
export class SourceChangedError extends Error {
  override readonly name = 'SourceChangedError';
}

/** The store cannot copy ranges into parts, or does not tell the CRC-32 of what it copied. */
export class CopyUnsupportedError extends Error {
  override readonly name = 'CopyUnsupportedError';
}

export interface Composed {
  readonly parts: UploadedPart[];
  readonly bytes: number;
  /** CRC-32 of the whole. */
  readonly crc32: number;
}

/** A part of the upload, and the CRC-32 of each piece of a source that it is made of. */
interface Made {
  readonly part: UploadedPart;
  readonly segments: readonly Checksummed[];
}

/**
 * Composes an upload of ranges of other objects, copied by S3 itself as far as its rules allow. Each copied piece's CRC-32 is
 * S3's own answer, each gathered one's is computed; together they must give that of each range, which closes the chain from
 * where those were computed.
 *
 * @param stored parts of an earlier attempt: a copied piece of the right size whose CRC-32 S3 tells is not copied again. If that
 * was of other ranges, the CRC-32 shows it, and all is made anew
 * @throws SourceChangedError naming the object, CopyUnsupportedError
 */
export async function composeParts(
  store: ObjectStore,
  upload: MultipartUpload,
  ranges: readonly CheckedRange[],
  stored: readonly UploadedPart[],
  signal: AbortSignal,
): Promise<Composed> {
  const pieces = planComposition(ranges);
  const earlier = new Map(stored.map((part) => [part.partNumber, part]));
  const made = await mapLimited(pieces, IN_PARALLEL, (piece, index) => {
    const done = earlier.get(index + 1);
    if (piece.kind === 'copy' && done?.crc32 !== undefined && done.bytes === sizeOf(piece.source)) {
      return { part: done, segments: [{ bytes: done.bytes, crc32: done.crc32 }] };
    }
    return makePiece(store, upload, index + 1, piece, signal);
  });
  const segments = made.flatMap((piece) => piece.segments);
  const different = firstDifference(
    ranges.map((range) => ({ bytes: sizeOf(range), crc32: range.crc32 })),
    segments,
  );
  if (different !== undefined) {
    if (stored.length > 0) return composeParts(store, upload, ranges, [], signal);
    throw changed(ranges[different]);
  }
  return { parts: made.map(({ part }) => part), ...combined(segments) };
}

/** The bytes of ranges one after the other, for stores that cannot copy and outputs that are compressed. */
export async function* streamRanges(
  store: ObjectStore,
  bucket: string,
  ranges: readonly CheckedRange[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (const range of ranges) {
    let crc = 0;
    for await (const chunk of readRange(store, bucket, range, signal)) {
      crc = crc32(chunk, crc);
      yield chunk;
    }
    if (crc !== range.crc32) throw changed(range);
  }
}

/** CRC-32 and size of pieces one after the other. */
export function combined(pieces: readonly Checksummed[]): Checksummed {
  return pieces.reduce(append, { bytes: 0, crc32: 0 });
}

async function makePiece(
  store: ObjectStore,
  upload: MultipartUpload,
  partNumber: number,
  piece: Piece,
  signal: AbortSignal,
): Promise<Made> {
  if (piece.kind === 'gather') {
    const chunks: Buffer[] = [];
    const segments: Checksummed[] = [];
    for (const source of piece.sources) {
      let segment: Checksummed = { bytes: 0, crc32: 0 };
      for await (const chunk of readRange(store, upload.bucket, source, signal)) {
        chunks.push(chunk);
        segment = { bytes: segment.bytes + chunk.length, crc32: crc32(chunk, segment.crc32) };
      }
      segments.push(segment);
    }
    const part = await uploadPart(store, upload, partNumber, Buffer.concat(chunks), combined(segments).crc32, signal);
    return { part, segments };
  }
  const part = await copy(store, upload, partNumber, piece, signal);
  if (part.crc32 === undefined) throw new CopyUnsupportedError('The store does not tell the CRC-32 of a copied part');
  return { part, segments: [{ bytes: part.bytes, crc32: part.crc32 }] };
}

async function copy(
  store: ObjectStore,
  upload: MultipartUpload,
  partNumber: number,
  { source }: Extract<Piece, { kind: 'copy' }>,
  signal: AbortSignal,
): Promise<UploadedPart> {
  try {
    return await uploadPartCopy(store, upload, partNumber, source, signal);
  } catch (error) {
    if (isPreconditionFailed(error) || isNotFound(error)) throw changed(source);
    if (isRefused(error)) {
      throw new CopyUnsupportedError(`The store does not copy ranges into parts (${describeS3Error(error)?.code})`);
    }
    throw error;
  }
}

async function* readRange(
  store: ObjectStore,
  bucket: string,
  range: SourceRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  if ('literal' in range) {
    yield range.literal;
    return;
  }
  const { key, etag, start, end } = range;
  try {
    yield* await getObjectStream(store, { bucket, key }, { ifMatch: etag, range: { start, end }, signal });
  } catch (error) {
    if (isPreconditionFailed(error) || isNotFound(error)) throw changed(range);
    throw error;
  }
}

function changed(range: SourceRange | undefined): SourceChangedError {
  return new SourceChangedError(`${range && 'key' in range ? range.key : 'A piece'} is not what was verified`);
}

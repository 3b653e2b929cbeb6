import { S3ServiceException } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { planComposition, sizeOf, type Piece, type SourceRange } from './composition.js';
import { combineCrc32, crc32 } from './crc32.js';
import { isNotFound, isPreconditionFailed } from './errors.js';
import { copyPart, uploadPart, type CopySource, type MultipartUpload, type StoredPart } from './multipart-upload.js';
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
  readonly parts: StoredPart[];
  readonly bytes: number;
  /** CRC-32 of the whole. */
  readonly crc32: number;
}

/**
 * Composes an upload of ranges of other objects, copied by S3 itself as far as its rules allow. Each copied piece's CRC-32 is
 * S3's own answer, each gathered one's is computed; together they must give that of the ranges, which closes the chain from
 * where those were computed.
 *
 * @param stored parts of an earlier attempt at the same ranges: a copied piece of the right size whose CRC-32 S3 tells is not
 * copied again
 * @throws SourceChangedError, CopyUnsupportedError
 */
export async function composeParts(
  store: ObjectStore,
  upload: MultipartUpload,
  ranges: readonly CheckedRange[],
  stored: readonly StoredPart[],
  signal: AbortSignal,
): Promise<Composed> {
  const pieces = planComposition(ranges);
  const earlier = new Map(stored.map((part) => [part.partNumber, part]));
  const limit = pLimit(IN_PARALLEL);
  const parts = await limitedAll(limit, pieces, (piece, index) => {
    const done = earlier.get(index + 1);
    if (piece.kind === 'copy' && done?.crc32 !== undefined && done.bytes === sizeOf(piece.source)) return done;
    return makePiece(store, upload, index + 1, piece, signal);
  });
  const composed = combined(parts.map((part) => ({ bytes: part.bytes, crc32: part.crc32 ?? 0 })));
  const wanted = combined(ranges.map((range) => ({ bytes: sizeOf(range), crc32: range.crc32 })));
  if (composed.bytes !== wanted.bytes || composed.crc32 !== wanted.crc32) {
    throw new SourceChangedError('The composed pieces do not have the CRC-32 of what was verified');
  }
  return { parts, ...composed };
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
export function combined(pieces: readonly { readonly bytes: number; readonly crc32: number }[]): {
  readonly bytes: number;
  readonly crc32: number;
} {
  return pieces.reduce(
    (all, piece) => ({
      bytes: all.bytes + piece.bytes,
      crc32: combineCrc32(all.crc32, piece.crc32, piece.bytes),
    }),
    { bytes: 0, crc32: 0 },
  );
}

async function makePiece(
  store: ObjectStore,
  upload: MultipartUpload,
  partNumber: number,
  piece: Piece,
  signal: AbortSignal,
): Promise<StoredPart> {
  if (piece.kind === 'gather') {
    const chunks: Buffer[] = [];
    for (const source of piece.sources) {
      for await (const chunk of readRange(store, upload.bucket, source, signal)) chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    return uploadPart(store, upload, partNumber, body, crc32(body), signal);
  }
  const part = await copy(store, upload, partNumber, piece, signal);
  if (part.crc32 === undefined) throw new CopyUnsupportedError('The store does not tell the CRC-32 of a copied part');
  return part;
}

async function copy(
  store: ObjectStore,
  upload: MultipartUpload,
  partNumber: number,
  { source }: Extract<Piece, { kind: 'copy' }>,
  signal: AbortSignal,
): Promise<StoredPart> {
  try {
    return await copyPart(store, upload, partNumber, source, signal);
  } catch (error) {
    if (isPreconditionFailed(error) || isNotFound(error)) throw changed(source);
    if (error instanceof S3ServiceException && (error.name === 'NotImplemented' || error.name === 'MethodNotAllowed')) {
      throw new CopyUnsupportedError('The store does not copy ranges into parts');
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

function changed(range: SourceRange): SourceChangedError {
  return new SourceChangedError(`${'key' in range ? range.key : 'A piece'} is not what was verified`);
}

/** Like Promise.all over a limit, but waits for what is under way before it fails: nothing is left writing behind the caller's back. */
async function limitedAll<T, R>(
  limit: ReturnType<typeof pLimit>,
  items: readonly T[],
  work: (item: T, index: number) => R | Promise<R>,
): Promise<R[]> {
  const failures: unknown[] = [];
  const results = await Promise.all(
    items.map((item, index) =>
      limit(async () => {
        if (failures.length > 0) return undefined;
        try {
          return await work(item, index);
        } catch (error) {
          failures.push(error);
          return undefined;
        }
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
  return results as R[];
}

import { MAX_UPLOAD_PART_BYTES, MAX_UPLOAD_PARTS, MIN_UPLOAD_PART_BYTES, type CopySource } from './multipart-upload.js';

/** Bytes of the object that is to be made: a range of another object, or bytes at hand. */
export type SourceRange = CopySource | { readonly literal: Buffer };

/** One part of the upload: copied by S3 as it lies, or gathered from ranges that are too small for that. */
export type Piece =
  | { readonly kind: 'copy'; readonly source: CopySource }
  | { readonly kind: 'gather'; readonly sources: readonly SourceRange[] };

/** S3's rules for the parts of an upload, all but the last of which have a minimum size, and how much to copy at once. */
export interface PieceLimits {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxPieces: number;
  /** Size above which a range is copied in shares; larger where there would be too many. At least twice `minBytes`. */
  readonly copyBytes: number;
}

/**
 * S3 would copy 5 GiB at once, but some stores say nothing until they are done: measured on a busy SeaweedFS, 17 s a GiB, and
 * several copies share that. Shares of 256 MiB are through long before the connection counts as idle, and an interrupted
 * attempt has less to repeat.
 */
const COPY_BYTES = 256 * 1024 * 1024;

export const S3_LIMITS: PieceLimits = {
  minBytes: MIN_UPLOAD_PART_BYTES,
  maxBytes: MAX_UPLOAD_PART_BYTES,
  maxPieces: MAX_UPLOAD_PARTS,
  copyBytes: COPY_BYTES,
};

/**
 * Lays out the wanted bytes, in order, as legal parts of an upload, moving as few of them as possible: what is large enough is
 * copied, what is smaller is gathered, and a gathered piece is topped up from the start of the next range. Neighbouring ranges
 * of the same object count as one. Where there would be more than 10,000 pieces, fewer and larger ones are copied and gathered.
 */
export function planComposition(ranges: readonly SourceRange[], limits: PieceLimits = S3_LIMITS): Piece[] {
  const { maxBytes, maxPieces } = limits;
  const wanted = joinNeighbours(ranges.filter((range) => sizeOf(range) > 0));
  const total = wanted.reduce((sum, range) => sum + sizeOf(range), 0);
  // At most half of all pieces are shares of this size; the other half is for borders.
  const shareBytes = Math.min(maxBytes, Math.max(limits.copyBytes, Math.ceil((2 * total) / maxPieces)));
  for (let { minBytes } = limits; ; minBytes *= 2) {
    const pieces = layOut(wanted, minBytes, shareBytes);
    if (pieces.length <= maxPieces || minBytes >= maxBytes / 2) return pieces;
  }
}

/** Number of bytes of a range. */
export function sizeOf(range: SourceRange): number {
  return 'literal' in range ? range.literal.length : range.end - range.start;
}

function layOut(ranges: readonly SourceRange[], minBytes: number, shareBytes: number): Piece[] {
  const pieces: Piece[] = [];
  let gathered: SourceRange[] = [];
  let gatheredBytes = 0;
  const gather = (range: SourceRange): void => {
    gathered.push(range);
    gatheredBytes += sizeOf(range);
    if (gatheredBytes < minBytes) return;
    pieces.push({ kind: 'gather', sources: gathered });
    gathered = [];
    gatheredBytes = 0;
  };
  for (const range of ranges) {
    let rest: SourceRange | undefined = range;
    while (rest && (gatheredBytes > 0 || sizeOf(rest) < minBytes || 'literal' in rest)) {
      const [first, second]: Split = split(rest, Math.min(sizeOf(rest), minBytes - gatheredBytes));
      gather(first);
      rest = second;
    }
    if (rest && !('literal' in rest)) pieces.push(...copies(rest, shareBytes));
  }
  if (gatheredBytes > 0) pieces.push({ kind: 'gather', sources: gathered });
  return pieces;
}

/** Even shares, so that none falls below the minimum. */
function copies(source: CopySource, shareBytes: number): Piece[] {
  const bytes = sizeOf(source);
  const count = Math.ceil(bytes / shareBytes);
  return Array.from({ length: count }, (_, index) => ({
    kind: 'copy',
    source: {
      ...source,
      start: source.start + Math.floor((bytes * index) / count),
      end: source.start + Math.floor((bytes * (index + 1)) / count),
    },
  }));
}

type Split = readonly [SourceRange, SourceRange | undefined];

function split(range: SourceRange, bytes: number): Split {
  if (bytes === sizeOf(range)) return [range, undefined];
  if ('literal' in range)
    return [{ literal: range.literal.subarray(0, bytes) }, { literal: range.literal.subarray(bytes) }];
  const middle = range.start + bytes;
  return [
    { ...range, end: middle },
    { ...range, start: middle },
  ];
}

function joinNeighbours(ranges: readonly SourceRange[]): SourceRange[] {
  const joined: SourceRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last && !('literal' in last) && !('literal' in range) && last.key === range.key && last.end === range.start) {
      joined[joined.length - 1] = { ...last, end: range.end };
    } else joined.push(range);
  }
  return joined;
}

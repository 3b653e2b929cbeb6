import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  planComposition,
  S3_LIMITS,
  sizeOf,
  type Piece,
  type PieceLimits,
  type SourceRange,
} from '../../src/storage/plan-composition.js';
import { MAX_UPLOAD_PART_BYTES, MIN_UPLOAD_PART_BYTES } from '../../src/storage/multipart-upload.js';

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** S3's limits, small enough to check byte for byte. */
const SMALL: PieceLimits = { minBytes: 5, maxBytes: 50, maxPieces: 10_000, copyBytes: 17 };

const anySize = fc.oneof(
  fc.nat({ max: 100 }),
  fc.nat({ max: 20 * MEBIBYTE }),
  fc.constantFrom(0, MIN_UPLOAD_PART_BYTES - 1, MIN_UPLOAD_PART_BYTES, MIN_UPLOAD_PART_BYTES + 1),
  fc.constantFrom(MAX_UPLOAD_PART_BYTES - 1, MAX_UPLOAD_PART_BYTES, MAX_UPLOAD_PART_BYTES + 1),
  fc.nat({ max: 12 * GIBIBYTE }),
);

/** Ranges of objects of their own, each but for its header, and now and then bytes at hand. */
function rangesOf(size: fc.Arbitrary<number>): fc.Arbitrary<SourceRange[]> {
  const copied = fc.tuple(size, fc.nat({ max: 1000 }), fc.nat({ max: 3 }));
  const range = fc.oneof(
    { weight: 5, arbitrary: copied.map(([bytes, start, object]) => ofObject(`part-${object}`, start, bytes)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => ({ literal: Buffer.from(bytes) })) },
  );
  return fc.array(range, { maxLength: 40 });
}

function ofObject(key: string, start: number, bytes: number): SourceRange {
  return { key, etag: `"${key}"`, start, end: start + bytes };
}

function sourcesOf(piece: Piece): readonly SourceRange[] {
  return piece.kind === 'copy' ? [piece.source] : piece.sources;
}

function bytesOf(piece: Piece): number {
  return sourcesOf(piece).reduce((sum, range) => sum + sizeOf(range), 0);
}

/** Neighbours joined, so that two ways to cut the same bytes look the same. */
function normalized(ranges: readonly SourceRange[]): SourceRange[] {
  const joined: SourceRange[] = [];
  for (const range of ranges.filter((candidate) => sizeOf(candidate) > 0)) {
    const last = joined.at(-1);
    if (last && 'literal' in last && 'literal' in range) {
      joined[joined.length - 1] = { literal: Buffer.concat([last.literal, range.literal]) };
    } else if (last && 'key' in last && 'key' in range && last.key === range.key && last.end === range.start) {
      joined[joined.length - 1] = { ...last, end: range.end };
    } else joined.push(range);
  }
  return joined;
}

function expectLegal(pieces: readonly Piece[], { minBytes, maxBytes, maxPieces }: PieceLimits): void {
  const sizes = pieces.map(bytesOf);
  expect(sizes.length).toBeLessThanOrEqual(maxPieces);
  expect(sizes.slice(0, -1).every((bytes) => bytes >= minBytes)).toBe(true);
  expect(sizes.every((bytes) => bytes > 0 && bytes <= maxBytes)).toBe(true);
}

describe('planComposition', () => {
  it('lays out exactly the wanted bytes, in order, as legal parts', () => {
    fc.assert(
      fc.property(rangesOf(anySize), (ranges) => {
        const pieces = planComposition(ranges);
        expect(normalized(pieces.flatMap(sourcesOf))).toEqual(normalized(ranges));
        expectLegal(pieces, S3_LIMITS);
      }),
    );
  });

  it('does so with limits at which every border is met', () => {
    fc.assert(
      fc.property(rangesOf(fc.nat({ max: 120 })), (ranges) => {
        const pieces = planComposition(ranges, SMALL);
        expect(normalized(pieces.flatMap(sourcesOf))).toEqual(normalized(ranges));
        expectLegal(pieces, SMALL);
      }),
      { numRuns: 1000 },
    );
  });

  it('does so with few pieces, which must be larger then', () => {
    const few: PieceLimits = { minBytes: 5, maxBytes: 500, maxPieces: 45, copyBytes: 17 };
    fc.assert(
      fc.property(rangesOf(fc.nat({ max: 120 })), (ranges) => {
        const pieces = planComposition(ranges, few);
        expect(normalized(pieces.flatMap(sourcesOf))).toEqual(normalized(ranges));
        expectLegal(pieces, few);
      }),
      { numRuns: 1000 },
    );
  });

  it('gathers less than twice the minimum for each range: all else is copied', () => {
    fc.assert(
      fc.property(rangesOf(anySize), (ranges) => {
        const gathered = planComposition(ranges).filter(({ kind }) => kind === 'gather');
        const moved = gathered.reduce((sum, piece) => sum + bytesOf(piece), 0);
        const unavoidable = ranges.reduce((sum, range) => sum + Math.min(sizeOf(range), 2 * MIN_UPLOAD_PART_BYTES), 0);
        expect(moved).toBeLessThanOrEqual(unavoidable);
      }),
    );
  });

  it('copies a large range as it lies', () => {
    const range = { key: 'a', etag: '"a"', start: 12, end: 12 + MIN_UPLOAD_PART_BYTES };
    expect(planComposition([range])).toEqual([{ kind: 'copy', source: range }]);
  });

  it('tops a small range up from the start of the next, which is copied from there on', () => {
    const pieces = planComposition([
      { literal: Buffer.from('id\n') },
      ofObject('a', 3, MIN_UPLOAD_PART_BYTES + 2),
      ofObject('b', 3, 20 * MEBIBYTE),
    ]);
    expect(pieces).toEqual([
      { kind: 'gather', sources: [{ literal: Buffer.from('id\n') }, ofObject('a', 3, MIN_UPLOAD_PART_BYTES - 3)] },
      {
        kind: 'gather',
        sources: [ofObject('a', MIN_UPLOAD_PART_BYTES, 5), ofObject('b', 3, MIN_UPLOAD_PART_BYTES - 5)],
      },
      { kind: 'copy', source: ofObject('b', MIN_UPLOAD_PART_BYTES - 2, 15 * MEBIBYTE + 5) },
    ]);
  });

  it('copies header and body of the same object at once', () => {
    expect(planComposition([ofObject('a', 0, 12), ofObject('a', 12, 6 * MEBIBYTE)])).toEqual([
      { kind: 'copy', source: ofObject('a', 0, 12 + 6 * MEBIBYTE) },
    ]);
  });

  it.each([
    [0, 1],
    [1, 2],
    [256 * MEBIBYTE, 2],
  ])('cuts %d bytes more than 256 MiB into %d even shares', (more, count) => {
    const pieces = planComposition([ofObject('a', 0, 256 * MEBIBYTE + more)]);
    const sizes = pieces.map(bytesOf);
    expect(sizes).toHaveLength(count);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('copies larger shares where 10,000 of 256 MiB do not make the largest object, and gathers no more for that', () => {
    const size = (5 * 1024 * GIBIBYTE) / 4;
    const ranges = Array.from({ length: 4 }, (_, index) => ofObject(`part-${index}`, 9, size));
    const pieces = planComposition([{ literal: Buffer.from('id\n') }, ...ranges]);
    expectLegal(pieces, S3_LIMITS);
    expect(pieces.filter(({ kind }) => kind === 'gather').map(bytesOf)).toEqual([MIN_UPLOAD_PART_BYTES]);
  });

  it('makes fewer and larger pieces of ranges that would be more than 10,000', () => {
    // Each is just large enough to be a part by itself.
    const ranges = Array.from({ length: 25_000 }, (_, index) => ofObject(`part-${index}`, 0, MIN_UPLOAD_PART_BYTES));
    const pieces = planComposition(ranges);
    expectLegal(pieces, S3_LIMITS);
    expect(normalized(pieces.flatMap(sourcesOf))).toEqual(ranges);
  });

  it('gathers a hundred thousand tiny ranges into few pieces', () => {
    const ranges = Array.from({ length: 100_000 }, (_, index) => ofObject(`part-${index}`, 9, 120));
    const pieces = planComposition(ranges);
    expect(pieces.map(bytesOf)).toEqual([
      MIN_UPLOAD_PART_BYTES,
      MIN_UPLOAD_PART_BYTES,
      12_000_000 - 2 * MIN_UPLOAD_PART_BYTES,
    ]);
  });

  it('makes nothing of nothing', () => {
    expect(planComposition([])).toEqual([]);
    expect(planComposition([{ literal: Buffer.alloc(0) }, ofObject('a', 7, 0)])).toEqual([]);
  });
});

import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  combineCrc32,
  crc32,
  decodeCrc32,
  encodeCrc32,
  firstDifference,
  type Checksummed,
} from '../../src/bytes/crc32.js';

const crc = fc.nat({ max: 0xffffffff });
/** Up to 5 TiB, the largest object of S3: far beyond what 32 bits hold. */
const length = fc.nat({ max: 5 * 2 ** 40 });

describe('crc32', () => {
  it('is the CRC-32 of the check value of its standard', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  });

  it('goes on from a seed, and over nothing stays the seed', () => {
    const whole = Buffer.from('id,email\n1,a\n');
    expect(crc32(whole.subarray(4), crc32(whole.subarray(0, 4)))).toBe(crc32(whole));
    expect(crc32(Buffer.alloc(0), 0x12345678)).toBe(0x12345678);
  });
});

describe('combineCrc32', () => {
  it('gives what zlib computes over the whole, wherever it is split', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(), (bytes, at) => {
        const whole = Buffer.from(bytes);
        const middle = at % (whole.length + 1);
        const [a, b] = [whole.subarray(0, middle), whole.subarray(middle)];
        expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(zlibCrc32(whole));
      }),
    );
  });

  it('takes a prefix out of the CRC-32 of a whole', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (prefix, rest) => {
        const [a, b] = [Buffer.from(prefix), Buffer.from(rest)];
        expect(combineCrc32(crc32(a), crc32(Buffer.concat([a, b])), b.length)).toBe(crc32(b));
      }),
    );
  });

  it('does not care in which order three pieces of any size are combined', () => {
    fc.assert(
      fc.property(crc, crc, crc, length, length, (a, b, c, bytesOfB, bytesOfC) => {
        const left = combineCrc32(combineCrc32(a, b, bytesOfB), c, bytesOfC);
        const right = combineCrc32(a, combineCrc32(b, c, bytesOfC), bytesOfB + bytesOfC);
        expect(left).toBe(right);
      }),
    );
  });

  it('knows a piece of more than 2³² bytes', () => {
    // 4 GiB and 1 MiB of zeros, by doubling a mebibyte of them.
    const mebibyte = crc32(Buffer.alloc(2 ** 20));
    let [zeros, bytes] = [mebibyte, 2 ** 20];
    while (bytes < 2 ** 32) [zeros, bytes] = [combineCrc32(zeros, zeros, bytes), bytes * 2];
    zeros = combineCrc32(zeros, mebibyte, 2 ** 20);
    bytes += 2 ** 20;

    const text = Buffer.from('before');
    // The same by zlib, over all those bytes.
    let byZlib = crc32(text);
    const gulp = Buffer.alloc(2 ** 26);
    for (let left = bytes; left > 0; left -= Math.min(left, gulp.length)) {
      byZlib = zlibCrc32(gulp.subarray(0, Math.min(left, gulp.length)), byZlib);
    }
    expect(combineCrc32(crc32(text), zeros, bytes)).toBe(byZlib);
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses a length of %d bytes', (bytes) => {
    expect(() => combineCrc32(1, 2, bytes)).toThrow(RangeError);
  });
});

describe('firstDifference', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array));
  const cuts = fc.array(fc.nat({ max: 300 }), { maxLength: 6 });

  /** Pieces of the bytes between the given places, empty ones among them. */
  function divided(whole: Buffer, places: readonly number[]): Checksummed[] {
    const borders = [0, ...places.map((place) => Math.min(place, whole.length)), whole.length].sort((a, b) => a - b);
    return borders.slice(1).map((end, index) => {
      const piece = whole.subarray(borders[index], end);
      return { bytes: piece.length, crc32: crc32(piece) };
    });
  }

  it('finds none between two divisions of the same bytes', () => {
    fc.assert(
      fc.property(bytes, cuts, cuts, (whole, wanted, made) => {
        expect(firstDifference(divided(whole, wanted), divided(whole, made))).toBeUndefined();
      }),
    );
  });

  it('finds the piece that a changed byte is in, where the other division has its borders too', () => {
    fc.assert(
      fc.property(bytes, cuts, cuts, fc.nat(), (whole, wanted, more, at) => {
        const place = at % whole.length;
        const other = Buffer.from(whole);
        other[place] = (other[place] ?? 0) ^ 1;
        const pieces = divided(whole, wanted);
        let end = 0;
        const expected = pieces.findIndex((piece) => (end += piece.bytes) > place);
        expect(firstDifference(pieces, divided(other, [...wanted, ...more]))).toBe(expected);
      }),
    );
  });

  it('finds one wherever the divisions differ, in bytes or their number', () => {
    fc.assert(
      fc.property(bytes, bytes, cuts, cuts, (a, b, wanted, made) => {
        fc.pre(!a.equals(b));
        expect(firstDifference(divided(a, wanted), divided(b, made))).toBeDefined();
      }),
    );
  });
});

describe("S3's spelling of a CRC-32", () => {
  it('is base64 of four bytes, the highest first', () => {
    expect(encodeCrc32(0xcbf43926)).toBe('y/Q5Jg==');
  });

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(crc, (value) => {
        expect(decodeCrc32(encodeCrc32(value))).toBe(value);
      }),
    );
  });

  it.each([undefined, '', 'y/Q5Jg==-2', 'y/Q5Jg', 'y/Q5Jg=', 'y*Q5Jg==', 'y/Q5JgAA'])('does not read %j', (text) => {
    expect(decodeCrc32(text)).toBeUndefined();
  });
});

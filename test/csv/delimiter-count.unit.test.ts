import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countCommas } from '../../src/csv/delimiter-count.js';

describe('countCommas', () => {
  it('counts what looking at each byte counts, in any range of any bytes', () => {
    // 0xac and 0x2d differ from a comma in one bit, or come next to it.
    const byte = fc.oneof(fc.constantFrom(0x2c, 0xac, 0x2d, 0x2b, 0x00, 0xff), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), fc.nat(), fc.nat(), (bytes, first, second) => {
        const borders = [first % (bytes.length + 1), second % (bytes.length + 1)];
        const [start, end] = [Math.min(...borders), Math.max(...borders)];
        const view = new DataView(Uint8Array.from(bytes).buffer);
        expect(countCommas(view, start, end)).toBe(bytes.slice(start, end).filter((each) => each === 0x2c).length);
      }),
      { numRuns: 1000 },
    );
  });

  it('counts more than its counters could hold', () => {
    for (const [byte, share] of [
      [0x2c, 1],
      [0x61, 0],
    ] as const) {
      for (const length of [1015, 1016, 1017, 5000]) {
        const bytes = new Uint8Array(length).fill(byte);
        expect(countCommas(new DataView(bytes.buffer), 0, length)).toBe(share * length);
      }
    }
  });
});

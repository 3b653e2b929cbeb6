const COMMA = 0x2c;
const COMMAS = 0x2c2c2c2c;
const LOW_BITS = 0x7f7f7f7f;
const ONES = 0x01010101;
/** Each step adds up to 2 to each of four counters of a byte: so many bytes later one could run over. */
const MOST_BYTES = 127 * 8;

/**
 * The number of commas in a range of bytes, eight bytes at a step: five times as fast as looking at each, which would take
 * longer than everything else that the scanner does.
 */
export function countCommas(view: DataView, start: number, end: number): number {
  let commas = 0;
  let position = start;
  while (position + 8 <= end) {
    const from = position;
    const stop = Math.min(end - 7, position + MOST_BYTES);
    // Four counters in one number, each of the bytes that are no comma.
    let others = 0;
    for (; position < stop; position += 8) {
      const first = view.getInt32(position, true) ^ COMMAS;
      const second = view.getInt32(position + 4, true) ^ COMMAS;
      others = (others + nonZeroBytes(first) + nonZeroBytes(second)) | 0;
    }
    commas += position - from - sumOfBytes(others);
  }
  if (position + 4 <= end) {
    commas += 4 - sumOfBytes(nonZeroBytes(view.getInt32(position, true) ^ COMMAS));
    position += 4;
  }
  for (; position < end; position++) if (view.getUint8(position) === COMMA) commas++;
  return commas;
}

/** 1 in each byte that isn't 0: adding 127 to its low seven bits carries into the eighth unless they are all 0. */
function nonZeroBytes(word: number): number {
  return ((((word & LOW_BITS) + LOW_BITS) | word) >>> 7) & ONES;
}

function sumOfBytes(word: number): number {
  const pairs = (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff);
  return (pairs & 0xffff) + (pairs >>> 16);
}

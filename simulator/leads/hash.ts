/** A 32-bit hash of a seed and numbers: the only source of chance, so that the same seed gives the same instance. */
export function hash(seed: number, ...numbers: number[]): number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  for (const number of numbers) {
    state = Math.imul(state ^ (number >>> 0) ^ Math.floor(number / 0x1_0000_0000), 0x85ebca6b) >>> 0;
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35) >>> 0;
    state = (state ^ (state >>> 16)) >>> 0;
  }
  return state;
}

/** An element of a list, by a hash. */
export function pick<T>(list: readonly [T, ...T[]], by: number): T {
  return list[by % list.length] ?? list[0];
}

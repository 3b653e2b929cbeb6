import { describe, expect, it } from '@jest/globals';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { InvalidIdSetError } from '../../src/csv/csv-errors.js';
import { IdSet } from '../../src/csv/id-set.js';
import { id } from './arbitrary-csv.js';

const ids = fc.array(id, { maxLength: 40 });

function halves(value: number): [high: number, low: number] {
  return [Math.floor(value / 2 ** 32), value % 2 ** 32];
}

function setOf(values: readonly number[]): IdSet {
  const set = new IdSet();
  for (const value of values) set.add(...halves(value));
  return set;
}

/** Corrects the checksum, so that what lies behind it is looked at. */
function sealed(bytes: Buffer): Buffer {
  const content = bytes.subarray(0, bytes.length - 4);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(content));
  return Buffer.concat([content, checksum]);
}

describe('IdSet', () => {
  it('is what a JavaScript set of the same ids is', () => {
    fc.assert(
      fc.property(ids, ids, (ours, theirs) => {
        const expected = new Set<number>();
        const set = new IdSet();
        for (const value of ours) {
          expect(set.add(...halves(value))).toBe(!expected.has(value));
          expected.add(value);
        }
        expect(set.cardinality).toBe(expected.size);
        for (const value of [...ours, ...theirs]) expect(set.has(...halves(value))).toBe(expected.has(value));

        const other = setOf(theirs);
        const common = [...new Set(theirs)].filter((value) => expected.has(value)).length;
        expect(set.intersectionCardinality(other)).toBe(common);
        expect(other.intersectionCardinality(set)).toBe(common);

        set.addAll(other);
        for (const value of [...ours, ...theirs]) expect(set.has(...halves(value))).toBe(true);
        expect(set.cardinality).toBe(new Set([...ours, ...theirs]).size);
        expect(other.cardinality).toBe(new Set(theirs).size);

        set.removeAll(other);
        for (const value of [...ours, ...theirs])
          expect(set.has(...halves(value))).toBe(ours.includes(value) && !theirs.includes(value));
        expect(other.cardinality).toBe(new Set(theirs).size);
        set.dispose();
        other.dispose();
      }),
    );
  });

  it('takes ids 2^32 apart for different ones', () => {
    const set = setOf([5]);
    expect(set.has(1, 5)).toBe(false);
    expect(set.add(1, 5)).toBe(true);
    expect(set.add(0, 5)).toBe(false);
    expect(set.cardinality).toBe(2);
    expect(set.intersectionCardinality(setOf([2 ** 32 + 5]))).toBe(1);
  });

  it('keeps what it took from another set when that one changes or is disposed of', () => {
    const other = setOf([1, 2 ** 40]);
    const set = setOf([]);
    set.addAll(other);
    other.add(0, 7);
    other.dispose();
    expect(set.has(0, 1)).toBe(true);
    expect(set.has(0, 7)).toBe(false);
    expect(set.has(...halves(2 ** 40))).toBe(true);
    set.addAll(set);
    expect(set.cardinality).toBe(2);
  });

  it('is empty after disposal, and can be used again', () => {
    const set = setOf([1, 2 ** 33]);
    set.dispose();
    expect(set.cardinality).toBe(0);
    expect(set.has(0, 1)).toBe(false);
    expect(set.add(0, 1)).toBe(true);
  });

  it('comes back from its bytes, which depend on the ids alone', () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 0, max: 20_000 }), (values, run) => {
        const all = [...values, ...Array.from({ length: run }, (_, index) => 2 ** 32 - 10_000 + index)];
        const bytes = setOf(all).serialize();
        expect(setOf([...all].reverse()).serialize()).toEqual(bytes);
        const set = IdSet.deserialize(bytes);
        expect(set.cardinality).toBe(new Set(all).size);
        expect(set.intersectionCardinality(setOf(all))).toBe(set.cardinality);
        expect(set.serialize()).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });

  it('can be read from the middle of another buffer, and added to', () => {
    const bytes = Buffer.concat([Buffer.from('abc'), setOf([1, 2, 3]).serialize()]).subarray(3);
    const set = IdSet.deserialize(bytes);
    bytes.fill(0);
    expect(set.add(0, 3)).toBe(false);
    expect(set.add(0, 4)).toBe(true);
  });

  it('writes runs of ids in little room', () => {
    expect(setOf(Array.from({ length: 100_000 }, (_, index) => index)).serialize().length).toBeLessThan(100);
  });

  it('refuses bytes of which one was changed', () => {
    const bytes = setOf([1, 2, 3, 70_000, 2 ** 32, 2 ** 52]).serialize();
    for (let offset = 0; offset < bytes.length; offset++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(offset) ^ 0x10, offset);
      expect(() => IdSet.deserialize(changed)).toThrow(InvalidIdSetError);
    }
  });

  it('refuses bytes that were cut or continued', () => {
    const bytes = setOf([1, 2, 3, 2 ** 32]).serialize();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => IdSet.deserialize(bytes.subarray(0, length))).toThrow(InvalidIdSetError);
      if (length >= 4) expect(() => IdSet.deserialize(sealed(bytes.subarray(0, length)))).toThrow(InvalidIdSetError);
    }
    expect(() => IdSet.deserialize(sealed(Buffer.concat([bytes, Buffer.alloc(3)])))).toThrow(InvalidIdSetError);
    expect(() => IdSet.deserialize(Buffer.alloc(0))).toThrow(InvalidIdSetError);
  });

  it('refuses upper halves that are out of order, repeated or too large', () => {
    const secondHigh = 16;
    for (const [high, accepted] of [
      [2 ** 21 - 1, true],
      [2 ** 21, false],
      [2, false],
      [1, false],
    ] as const) {
      const bytes = setOf([2 ** 33, 2 ** 34]).serialize();
      bytes.writeUInt32LE(high, secondHigh);
      const read = () => IdSet.deserialize(sealed(bytes));
      if (accepted) expect(read().has(high, 0)).toBe(true);
      else expect(read).toThrow(InvalidIdSetError);
    }
  });

  it('refuses or reads, but never fails in another way, whatever stands behind a right checksum', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(ids, fc.array(change, { minLength: 1, maxLength: 4 }), (values, changes) => {
        const bytes = setOf(values).serialize();
        for (const [at, byte] of changes) bytes.writeUInt8(byte, at % bytes.length);
        try {
          IdSet.deserialize(sealed(bytes)).dispose();
        } catch (error) {
          if (!(error instanceof InvalidIdSetError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

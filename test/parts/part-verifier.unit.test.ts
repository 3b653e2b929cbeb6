import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FileMismatchError, PartVerifier, SAMPLE_BYTES, type Examination } from '../../src/parts/part-verifier.js';
import { crc32 } from '../../src/bytes/crc32.js';
import { csv, rows } from './run.js';

function told(file: Buffer): { bytes: number; sha256: string } {
  return { bytes: file.length, sha256: createHash('sha256').update(file).digest('hex') };
}

/** Examines a file in chunks of these sizes, whose memory is used again. */
function examine(file: Buffer, sizes: readonly number[], expected = told(file)): Examination {
  const verifier = new PartVerifier(expected, 'tolerant');
  for (let [offset, turn] = [0, 0]; offset < file.length; turn++) {
    const chunk = Buffer.from(file.subarray(offset, offset + (sizes[turn % sizes.length] ?? 1)));
    verifier.push(chunk);
    offset += chunk.length;
    chunk.fill(0);
  }
  return verifier.end();
}

describe('PartVerifier', () => {
  it('finds the same in a file however it is cut', () => {
    const options = fc.record({ lineEnd: fc.constantFrom('\n', '\r\n'), last: fc.boolean() });
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        options,
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        (count, how, sizes) => {
          const file = csv([...rows(1, count), ...rows(1, Math.min(count, 3))], how);
          const { addedNewline, contents } = examine(file, sizes);
          // Where there is no line end at all, LF is as good as any.
          const lineEnd = count === 0 && !how.last ? '\n' : how.lineEnd;
          expect(addedNewline.toString()).toBe(how.last ? '' : lineEnd);
          if ('problem' in contents) throw new Error(contents.problem);
          const part = Buffer.concat([file, addedNewline]);
          const header = `id,email${lineEnd}`;
          expect(contents.header.toString()).toBe(header);
          expect(contents.bodyCrc32).toBe(crc32(part.subarray(header.length)));
          expect(contents.records).toBe(count + Math.min(count, 3));
          expect(contents.ids.cardinality).toBe(count);
          expect(contents.sample.equals(file.subarray(0, SAMPLE_BYTES))).toBe(true);
          contents.ids.dispose();
        },
      ),
    );
  });

  it('keeps no more of a file than its first 64 KiB', () => {
    const file = csv(rows(1, 10_000));
    const { contents } = examine(file, [10_000]);
    if ('problem' in contents) throw new Error(contents.problem);
    expect(contents.sample.equals(file.subarray(0, 65_536))).toBe(true);
    contents.ids.dispose();
  });

  it('refuses every file that differs in one bit, or in length', () => {
    const file = csv(rows(1, 5));
    fc.assert(
      fc.property(fc.nat({ max: file.length * 8 - 1 }), (bit) => {
        const wrong = Buffer.from(file);
        wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => examine(wrong, [7], told(file))).toThrow(FileMismatchError);
      }),
    );
    expect(() => examine(file.subarray(0, -1), [7], told(file))).toThrow(FileMismatchError);
    expect(() => examine(Buffer.concat([file, Buffer.from('x')]), [7], told(file))).toThrow(FileMismatchError);
  });

  it('tells of bytes that are wrong before it tells of ids that are', () => {
    expect(() => examine(csv(['x,a']), [3], told(csv(['1,a'])))).toThrow(FileMismatchError);
  });

  it.each([
    ['id,email\r\n1,a', '\r\n'],
    ['id,email\n1,a', '\n'],
    ['id,email\n1,a\r', '\n'],
    [`id,${'e'.repeat(100_000)}\r\n1,a`, '\r\n'],
    ['id', '\n'],
    ['', ''],
    ['id\r\nx,a', '\r\n'],
  ])('adds the line end of the header, however long it is and whatever is wrong behind it: %#', (text, added) => {
    const { addedNewline, contents } = examine(Buffer.from(text), [100]);
    expect(addedNewline.toString()).toBe(added);
    if (!('problem' in contents)) contents.ids.dispose();
  });

  it('takes the checksum for the judge: a size that was told wrong is only reported', () => {
    const file = csv(rows(1, 5));
    const { bytes, contents } = examine(file, [7], { ...told(file), bytes: file.length + 12 });
    expect(bytes).toBe(file.length);
    expect(contents).toMatchObject({ records: 5 });
    if (!('problem' in contents)) contents.ids.dispose();
  });

  it.each([
    ['a quote that is never closed', csv(['1,"a'])],
    ['a row without id', csv(['1,a', 'b'])],
  ])('tells what is wrong with %s', (_, file) => {
    expect(examine(file, [2]).contents).toEqual({ problem: expect.any(String) });
  });
});

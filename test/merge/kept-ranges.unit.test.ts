import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { filterRecords } from '../../src/csv/record-filter.js';
import { findKeptRanges, type KeptRanges } from '../../src/merge/kept-ranges.js';
import { crc32 } from '../../src/bytes/crc32.js';
import { cuts, validFile } from '../csv/arbitrary-csv.js';
import { cut } from '../csv/scan.js';

/** Each chunk is overwritten once the next one is asked for. */
async function* stream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    const reused = await Promise.resolve(Buffer.from(chunk));
    yield reused;
    reused.fill('"');
  }
}

/** Keeps the records whose places say so. */
function keeping(places: readonly boolean[]): () => boolean {
  let record = 0;
  return () => places[record++] ?? true;
}

function find(chunks: readonly Buffer[], places: readonly boolean[], most = 1000): Promise<KeptRanges | undefined> {
  return findKeptRanges(stream(chunks), keeping(places), { most, quoteRule: 'tolerant' });
}

describe('findKeptRanges', () => {
  it('finds, whatever the chunk borders, the bytes that filtering would take out, each range with its CRC-32', async () => {
    await fc.assert(
      fc.asyncProperty(validFile, cuts, fc.array(fc.boolean(), { maxLength: 12 }), async ({ bytes }, at, places) => {
        // A part always ends with a line end.
        const file = bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
        const chunks = cut(file, at);
        const filtered = filterRecords(stream(chunks), keeping(places), { header: 'drop' });
        const slices: Buffer[] = [];
        for await (const slice of filtered.bytes) slices.push(Buffer.from(slice));
        const found = await find(chunks, places);
        const ranges = found?.ranges ?? [];
        expect(Buffer.concat(ranges.map(({ start, end }) => file.subarray(start, end)))).toEqual(Buffer.concat(slices));
        for (const { start, end, crc32: crc } of ranges) expect(crc32(file.subarray(start, end))).toBe(crc);
        expect(found).toMatchObject(filtered.counts);
      }),
    );
  });

  it('gives records that lie side by side as one range', async () => {
    const file = Buffer.from('id,a\n1,x\n2,y\n3,z\n4,w\n');
    expect((await find([file], [true, true, false, true]))?.ranges).toMatchObject([
      { start: 5, end: 13 },
      { start: 17, end: 21 },
    ]);
    expect((await find([file], [false, false, false, false]))?.ranges).toEqual([]);
  });

  it('gives up, and reads no further, once there are too many ranges', async () => {
    const rows = Array.from({ length: 100 }, (_, row) => Buffer.from(`${row},x\n`));
    let read = 0;
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.from('id,a\n');
      for (const row of rows) {
        read++;
        yield await Promise.resolve(row);
      }
    }
    const everyOther = keeping(rows.map((_, row) => row % 2 === 0));
    expect(await findKeptRanges(source(), everyOther, { most: 3, quoteRule: 'tolerant' })).toBeUndefined();
    expect(read).toBe(8);
  });
});

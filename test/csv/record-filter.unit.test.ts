import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidHeaderError, InvalidIdError } from '../../src/csv/csv-errors.js';
import { filterRecords, type FilterOptions } from '../../src/csv/record-filter.js';
import type { QuoteRule } from '../../src/csv/quote-rule.js';
import { cuts, dirtyFile, quoteRule, validFile } from './arbitrary-csv.js';
import { readSlowly } from './reference-scanner.js';
import { cut, stream } from './scan.js';

type Keep = (id: number) => boolean;

async function filter(
  chunks: readonly Buffer[],
  keep: Keep,
  header: FilterOptions['header'] = 'keep',
  quoteRule?: QuoteRule,
) {
  const options = { header, ...(quoteRule && { quoteRule }) };
  const { bytes, counts } = filterRecords(stream(chunks), (high, low) => keep(high * 2 ** 32 + low), options);
  const slices: Buffer[] = [];
  for await (const slice of bytes) slices.push(Buffer.from(slice));
  return { text: Buffer.concat(slices).toString('latin1'), slices, ...counts };
}

/** The same by the reference scanner and slices of text. */
function filterSlowly(file: Buffer, keep: Keep, { header, quoteRule = 'tolerant' }: FilterOptions) {
  const reading = readSlowly(file, quoteRule);
  if ('error' in reading) return undefined;
  const text = file.toString('latin1');
  const ends = [reading.header.length, ...reading.emptyLines, ...reading.records.map(({ endOffset }) => endOffset)];
  const kept = reading.records.map(({ id, endOffset }) => {
    const start = Math.max(...ends.filter((end) => end < endOffset));
    return keep(Number(id)) ? text.slice(start, endOffset) : '';
  });
  const headerRow = reading.bom ? reading.header.slice(3) : reading.header;
  const lines = [header === 'keep' ? headerRow : '', ...kept];
  const lineEnd = reading.header.endsWith('\r\n') ? '\r\n' : '\n';
  const added = !reading.endsWithNewline && lines.at(-1) !== '' ? lineEnd : '';
  const count = kept.filter((record) => record !== '').length;
  return { text: lines.join('') + added, kept: count, dropped: kept.length - count };
}

describe('filterRecords', () => {
  it('takes out what is not kept, byte for byte', async () => {
    const file = Buffer.from('\ufeffid,a\r\n1,"x\ny"\r\n2,"first"Name1"\r\n3,\0\xff\r\n');
    expect(await filter([file], (id) => id !== 2)).toMatchObject({
      text: Buffer.from('id,a\r\n1,"x\ny"\r\n3,\0\xff\r\n').toString('latin1'),
      kept: 2,
      dropped: 1,
    });
    expect((await filter([file], (id) => id === 2, 'drop')).text).toBe('2,"first"Name1"\r\n');
  });

  it('reads quotes as told, tolerantly unless told otherwise', async () => {
    const file = Buffer.from('id,a,b\n1,"x"y,z\n2,"w"\n');
    expect(await filter([file], () => true)).toMatchObject({ kept: 1 });
    expect(await filter([file], (id) => id === 2, 'drop', 'strict')).toMatchObject({ text: '2,"w"\n', dropped: 1 });
  });

  it('gives a last line without its end the line end of the header', async () => {
    expect((await filter([Buffer.from('id,a\r\n1,x\n2,y')], () => true)).text).toBe('id,a\r\n1,x\n2,y\r\n');
    expect((await filter([Buffer.from('id,a\n1,x\n2,y')], (id) => id === 1)).text).toBe('id,a\n1,x\n');
    expect((await filter([Buffer.from('a,id\nx,1\ny,2')], () => true)).text).toBe('a,id\nx,1\ny,2\n');
    expect((await filter([Buffer.from('id,a')], () => true)).text).toBe('id,a\n');
    expect((await filter([Buffer.from('id,a')], () => true, 'drop')).text).toBe('');
    expect((await filter([], () => true)).text).toBe('');
  });

  it('gives kept records that lie side by side as one slice', async () => {
    const file = Buffer.from('id,a\n1,x\n2,y\n3,z\n4,w\n');
    const slices = async (keep: Keep) => (await filter([file], keep)).slices.map(String);
    expect(await slices(() => true)).toEqual(['id,a\n', '1,x\n2,y\n3,z\n4,w\n']);
    expect(await slices((id) => id !== 3)).toEqual(['id,a\n', '1,x\n2,y\n', '4,w\n']);
    expect((await filter([file], () => false, 'drop')).slices).toEqual([]);
  });

  it('does not hold a record back that is longer than a chunk', async () => {
    const chunks = ['id,a\n1,x\n', '2,"', 'aaaa', '\n\n\n\n', '"\n3', ',"', 'bbbb', '"\n'].map((text) =>
      Buffer.from(text),
    );
    const given: string[] = [];
    const source = async function* () {
      for (const chunk of chunks) {
        yield await Promise.resolve(chunk);
        given.push('|');
      }
    };
    for await (const slice of filterRecords(source(), (_high, low) => low !== 3, { header: 'keep' }).bytes) {
      given.push(slice.toString());
    }
    expect(given).toEqual([
      'id,a\n',
      '1,x\n',
      '|',
      '2,"',
      '|',
      'aaaa',
      '|',
      '\n\n\n\n',
      '|',
      '"\n',
      '|',
      '|',
      '|',
      '|',
    ]);
  });

  it('leaves out empty lines, wherever they stand', async () => {
    const file = Buffer.from('id,a\r\n\r\n\n1,x\r\n\r\n\r\n2,"\n\n"\r\n3,z\r\n\n\n\n');
    expect(await filter([file], (id) => id !== 3)).toMatchObject({
      text: 'id,a\r\n1,x\r\n2,"\n\n"\r\n',
      kept: 2,
      dropped: 1,
    });
    expect((await filter([Buffer.from('id\n\n1\n\n2')], () => true)).text).toBe('id\n1\n2\n');
  });

  it('passes the errors of the scanner on', async () => {
    await expect(filter([Buffer.from('a\n1\n')], () => true)).rejects.toThrow(InvalidHeaderError);
    await expect(filter([Buffer.from('id\n1\nx\n')], () => true)).rejects.toThrow(InvalidIdError);
  });

  it.each([
    ['valid', validFile.map(({ bytes }) => bytes)],
    ['dirty', dirtyFile],
  ])('does what a naive filter does with %s files, whatever the chunks', async (_kind, files) => {
    await fc.assert(
      fc.asyncProperty(
        files,
        cuts,
        fc.func(fc.boolean()),
        fc.constantFrom('keep' as const, 'drop' as const),
        quoteRule,
        async (bytes, offsets, keep, header, mode) => {
          const expected = filterSlowly(bytes, keep, { header, quoteRule: mode });
          const filtered = filter(cut(bytes, offsets), keep, header, mode);
          if (expected === undefined) await expect(filtered).rejects.toThrow(/id|header/);
          else expect(await filtered).toMatchObject(expected);
        },
      ),
      { numRuns: 300 },
    );
  });
});

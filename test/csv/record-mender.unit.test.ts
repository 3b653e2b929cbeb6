import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { QuoteRule } from '../../src/csv/quote-rule.js';
import { mendRecords, type MendOptions } from '../../src/csv/record-mender.js';
import { cuts, dirtyFile, quoteRule, validFile } from './arbitrary-csv.js';
import { readSlowly, valuesSlowly } from './reference-scanner.js';
import { cut, stream } from './scan.js';

async function mend(file: string | Buffer, options: Partial<MendOptions> = {}, offsets: readonly number[] = []) {
  const chunks = cut(Buffer.from(file), offsets);
  const { bytes, counts } = mendRecords(stream(chunks), { header: 'keep', ...options });
  const slices: Buffer[] = [];
  for await (const slice of bytes) slices.push(Buffer.from(slice));
  const mended = Buffer.concat(slices);
  return { bytes: mended, text: mended.toString(), slices, ...counts };
}

/** The records of a file that is in order, as latin-1 text, read by csv-parse as it is by default. */
function readStrictly(bytes: Buffer): string[][] {
  // csv-parse takes a NUL after a quote for the end of the input.
  return parse(bytes, { encoding: 'latin1', relax_column_count: true }).slice(1);
}

/** Rows as Marketo was seen or is feared to write them: text between quotes, its own doubled or not, by whatever rule. */
const marketoFile = fc
  .record({
    lineEnd: fc.constantFrom('\n', '\r\n'),
    mark: fc.constantFrom('', '\ufeff'),
    rows: fc.array(
      fc.array(
        fc.oneof(
          fc.constantFrom('null', '"null"', '', '""', 'x', '5" pipe', '"first"Name1"', '"a "b" c"', '"x"y, z"'),
          fc.constantFrom('"Screen 15""', '""Bob""', '"Bob" Doe', ' "x"', '"x" ', 'a\rb', '"a\r\nb"', '"a\nb"', '\r'),
          fc.string({ unit: fc.constantFrom('"', '""', 'a', ',', '\r', '\n', 'é', ' '), maxLength: 6 }),
        ),
        { minLength: 2, maxLength: 2 },
      ),
      { maxLength: 6 },
    ),
    otherEnds: fc.array(fc.constantFrom('\n', '\r\n', '\r\n\r\n', '\n\n'), { maxLength: 6 }),
  })
  .map(({ lineEnd, mark, rows, otherEnds }) =>
    Buffer.from(
      `${mark}id,a,b${lineEnd}` + rows.map((row, at) => `${at},${row.join(',')}${otherEnds[at] ?? lineEnd}`).join(''),
    ),
  );

describe('mendRecords', () => {
  it('quotes anew what cannot be read, and leaves all else as it is', async () => {
    const file =
      'id,a,b\n1,null,"null"\n2,"first"Name1",null\n3,5" pipe,"null"\n4,x,"y ""z"""\n5,"",a\rb\n6,"x" y",""\n';
    expect(await mend(file)).toMatchObject({
      text: 'id,a,b\n1,null,"null"\n2,"first""Name1",null\n3,"5"" pipe","null"\n4,x,"y ""z"""\n5,"","a\rb"\n6,"x"" y",""\n',
      kept: 6,
      dropped: 0,
      mended: 4,
    });
  });

  it('gives what each way of reading quotes takes for the value', async () => {
    const text = async (row: string, mode: QuoteRule) =>
      (await mend(`id,a,b\n${row}\n`, { quoteRule: mode, header: 'drop' })).text;
    expect(await text('1,"Screen 15"",Oslo', 'closing')).toBe('1,"Screen 15""",Oslo\n');
    expect(await text('1,""Bob"",Oslo', 'closing')).toBe('1,"""Bob""",Oslo\n');
    expect(await text('1,x,"Screen 15""', 'closing')).toBe('1,x,"Screen 15"""\n');
    expect(await text('1,""Bob"",Oslo', 'strict')).toBe('1,"Bob""""",Oslo\n');
    expect(await text('1,"Bob" Doe,Oslo', 'strict')).toBe('1,"Bob Doe",Oslo\n');
    expect(await text('1,"x"y, z",Oslo', 'tolerant')).toBe('1,"x""y, z",Oslo\n');
  });

  it("gives each record the header's line end, the last one too, and leaves out empty lines and byte order mark", async () => {
    expect((await mend('\ufeffid,a\r\n\n1,x\n\r\n2,"y"\r\n3,"z"\n4,w')).text).toBe(
      'id,a\r\n1,x\r\n2,"y"\r\n3,"z"\r\n4,w\r\n',
    );
    expect((await mend('id,a\n1,x\n2,"y"z"')).text).toBe('id,a\n1,x\n2,"y""z"\n');
    expect((await mend('id,a')).text).toBe('id,a\n');
    expect((await mend('id,a', { header: 'drop' })).text).toBe('');
    expect((await mend('')).text).toBe('');
  });

  it('leaves out what is not kept, in the same pass', async () => {
    const file = 'id,a\n1,x"\n2,y"\n3,z\n4,w\n';
    const keep = (_high: number, low: number) => low % 2 === 0;
    expect(await mend(file, { keep, header: 'drop' })).toMatchObject({
      text: '2,"y"""\n4,w\n',
      kept: 2,
      dropped: 2,
      mended: 1,
    });
    expect((await mend('id,a\n1,x"\n2,y"', { keep: (_high, low) => low === 1, header: 'drop' })).text).toBe(
      '1,"x"""\n',
    );
  });

  it('gives records that lie side by side and are in order as one slice', async () => {
    expect((await mend('id,a\n1,x\n2,y\n3,"z"z"\n4,w\n5,v\n', { header: 'drop' })).slices.map(String)).toEqual([
      '1,x\n2,y\n',
      '3,"z""z"\n',
      '4,w\n5,v\n',
    ]);
  });

  it('gives all lines the line end that is asked for, and counts as mended only what could not be read', async () => {
    const file = 'id,a\r\n1,"x\r\ny"\r\n2,z"\r\n\r\n3,w\n4,v';
    expect(await mend(file, { lineEnd: '\n' })).toMatchObject({
      text: 'id,a\n1,"x\r\ny"\n2,"z"""\n3,w\n4,v\n',
      kept: 4,
      mended: 2,
    });
    expect((await mend('id,a\n1,"x\ny"\n2,z', { lineEnd: '\r\n', header: 'drop' })).text).toBe('1,"x\ny"\r\n2,z\r\n');
    expect((await mend('id,a\r\n1,x\r\n2,y\r\n', { lineEnd: '\r\n', header: 'drop' })).slices.map(String)).toEqual([
      '1,x\r\n2,y\r\n',
    ]);
  });

  it('refuses a file that ends inside quotes', async () => {
    await expect(mend('id,a\n1,x\n2,"y\n')).rejects.toThrow('ends inside a quoted field');
  });

  it('leaves a valid file as it is, but for empty lines and byte order mark, whatever the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(validFile, cuts, async ({ bytes, ids }, offsets) => {
        const { bytes: mended, ...counts } = await mend(bytes, {}, offsets);
        expect(counts).toMatchObject({ kept: ids.length, dropped: 0, mended: 0 });
        const reading = readSlowly(bytes, 'tolerant');
        if ('error' in reading) throw new Error(reading.error);
        if (reading.emptyLines.length > 0) return;
        const added = reading.endsWithNewline ? '' : reading.lineEnd;
        expect(mended).toEqual(Buffer.concat([bytes.subarray(reading.bom ? 3 : 0), Buffer.from(added)]));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["Marketo's", marketoFile],
    ['dirty', dirtyFile.map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 ? 1 : byte))))],
  ])('makes csv-parse read in %s files what the scanner reads, whatever the chunks', async (_kind, files) => {
    let mendedFiles = 0;
    await fc.assert(
      fc.asyncProperty(files, cuts, quoteRule, async (bytes, offsets, mode) => {
        const reading = readSlowly(bytes, mode);
        if ('error' in reading || reading.endsInsideQuotes) return;
        const { bytes: mended, ...counts } = await mend(bytes, { quoteRule: mode }, offsets);
        const unreadable = reading.records.filter(({ isReadable }) => !isReadable).length;
        expect(counts).toMatchObject({ kept: reading.records.length, dropped: 0, mended: unreadable });
        expect(readStrictly(mended)).toEqual(valuesSlowly(bytes, mode));
        const again = await mend(mended, { quoteRule: 'strict' });
        expect(again).toMatchObject({ bytes: mended, mended: 0 });
        if (unreadable > 0) mendedFiles++;
      }),
      { numRuns: 500 },
    );
    expect(mendedFiles).toBeGreaterThan(5);
  });

  it('does so too for the records that are kept, with any line end that is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        marketoFile,
        cuts,
        quoteRule,
        fc.func(fc.boolean()),
        fc.constantFrom('\n' as const, '\r\n' as const),
        async (bytes, offsets, mode, wanted, lineEnd) => {
          const reading = readSlowly(bytes, mode);
          if ('error' in reading || reading.endsInsideQuotes) return;
          const keep = (_high: number, low: number) => wanted(low);
          const { bytes: mended, ...counts } = await mend(bytes, { quoteRule: mode, keep, lineEnd }, offsets);
          const kept = reading.records.filter(({ id }) => wanted(Number(id)));
          expect(counts).toMatchObject({
            kept: kept.length,
            dropped: reading.records.length - kept.length,
            mended: kept.filter(({ isReadable }) => !isReadable).length,
          });
          const values = valuesSlowly(bytes, mode).filter(([value]) => wanted(Number(value)));
          // Nothing but the one line end that was asked for ends a record.
          const strict = { encoding: 'latin1', relax_column_count: true, record_delimiter: lineEnd } as const;
          expect(parse(mended, strict).slice(1)).toEqual(values);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("makes Python's csv read what the scanner reads", async () => {
    const rows = [
      '1,"first"Name1",5" pipe',
      '2,a\rb,"x\r\ny"',
      '3,"x" y",null',
      '4,"Screen ""15""","a "b" c"',
      '5,\r,é "q"',
    ];
    const file = Buffer.from(`\ufeffid,a,b\r\n${rows.join('\n\n')}\r\n`);
    const program =
      'import csv,io,json,sys\n' +
      'text=io.TextIOWrapper(sys.stdin.buffer,encoding="utf-8",newline="")\n' +
      'print(json.dumps(list(csv.reader(text,strict=True))))';
    const { bytes } = await mend(file);
    const read: unknown = JSON.parse(execFileSync('python3', ['-c', program], { input: bytes, encoding: 'utf8' }));
    expect(read).toEqual([
      ['id', 'a', 'b'],
      ['1', 'first"Name1', '5" pipe'],
      ['2', 'a\rb', 'x\r\ny'],
      ['3', 'x" y', 'null'],
      ['4', 'Screen "15"', 'a "b" c'],
      ['5', '\r', 'é "q"'],
    ]);
  });
});

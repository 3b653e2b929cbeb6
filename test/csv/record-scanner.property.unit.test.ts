import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { cuts, dirtyFile, quoteRule, QUOTE_RULES, validFile } from './arbitrary-csv.js';
import { readSlowly, type Reading } from './reference-scanner.js';
import { cut, scan } from './scan.js';

/** What csv-parse says: ids and, from its `info`, the end of each record. */
function readWithCsvParse(bytes: Buffer): { id: bigint; endOffset: number }[] {
  const rows = parse(bytes, {
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    columns: true,
    info: true,
    skip_empty_lines: true,
  });
  return (rows as unknown as { info: { bytes: number }; record: { id: string } }[]).map(({ info, record }) => ({
    id: BigInt(record.id),
    endOffset: info.bytes,
  }));
}

describe('RecordScanner', () => {
  it('sees what csv-parse sees in valid CSV, whatever the chunks, and nothing to mend', () => {
    fc.assert(
      fc.property(validFile, cuts, fc.constantFrom('tolerant', 'strict'), (file, offsets, mode) => {
        const reading = scan(cut(file.bytes, offsets), mode);
        expect(reading).toMatchObject({
          records: readWithCsvParse(file.bytes).map((record) => ({ ...record, isReadable: true })),
          otherColumns: { records: 0 },
          endsInsideQuotes: false,
        });
        expect(reading).toMatchObject({ records: file.ids.map((id) => ({ id: BigInt(id) })) });
      }),
      { numRuns: 200 },
    );
  });

  it('sees the same in valid CSV wherever it is cut in two', () => {
    fc.assert(
      fc.property(validFile, quoteRule, ({ bytes }, mode) => {
        const whole = scan([bytes], mode);
        expect([...bytes.keys()].filter((at) => !isDeepStrictEqual(scan(cut(bytes, [at]), mode), whole))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('reads dirty input as the reference does, whatever the chunks', () => {
    fc.assert(
      fc.property(dirtyFile, cuts, quoteRule, (bytes, offsets, mode) => {
        expect(scan(cut(bytes, offsets), mode)).toEqual(readSlowly(bytes, mode));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['id,a\n1,', 'id,a\r\n1,"x"', 'a,id\n', 'id\n'])(
    'reads every short continuation of %j as the reference does',
    (start) => {
      const alphabet = ['"', ',', '\n', '\r', '1', 'x'];
      const different: string[] = [];
      const extend = (text: string, depth: number) => {
        const bytes = Buffer.from(text);
        for (const mode of QUOTE_RULES) {
          const expected = readSlowly(bytes, mode);
          const found = [scan([bytes], mode), scan(cut(bytes, [...bytes.keys()]), mode)];
          if (!found.every((reading) => isDeepStrictEqual(reading, expected))) different.push(`${mode}: ${text}`);
        }
        if (depth > 0) for (const next of alphabet) extend(text + next, depth - 1);
      };
      extend(start, 4);
      expect(different).toEqual([]);
    },
  );

  it('throws nothing but its own errors, whatever bytes are changed, taken out or put in', () => {
    const change = fc.record({
      at: fc.nat(),
      take: fc.nat({ max: 3 }),
      put: fc.uint8Array({ maxLength: 3 }),
    });
    const kinds = new Set<string>();
    fc.assert(
      fc.property(
        validFile,
        fc.array(change, { minLength: 1, maxLength: 4 }),
        cuts,
        quoteRule,
        (file, changes, offsets, mode) => {
          let { bytes } = file;
          for (const { at, take, put } of changes) {
            const offset = at % (bytes.length + 1);
            bytes = Buffer.concat([bytes.subarray(0, offset), put, bytes.subarray(offset + take)]);
          }
          const whole: Reading = scan([bytes], mode);
          kinds.add('error' in whole ? whole.error : 'none');
          expect(scan(cut(bytes, offsets), mode)).toEqual(whole);
        },
      ),
      { numRuns: 1000 },
    );
    expect([...kinds].sort()).toEqual(['InvalidHeaderError', 'InvalidIdError', 'none']);
  });
});

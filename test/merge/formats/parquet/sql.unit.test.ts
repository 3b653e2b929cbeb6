import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ROOT } from '../../../../scripts/root.js';
import { DUCKDB } from '../../../../src/merge/formats/parquet/converter.js';
import { convertHere } from './convert-here.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parquet-'));
});
afterAll(() => rm(directory, { recursive: true }));

const TYPES = ['integer', 'score', 'float', 'boolean', 'date', 'datetime', 'string'];
const DESCRIBED = TYPES.map((dataType) => ({ name: dataType, dataType }));

/** What a text becomes in a column of a type of Marketo's, and what the row keeps beside it. */
async function inColumn(dataType: string, texts: readonly string[]): Promise<[unknown, unknown][]> {
  const csv = ['id,x', ...texts.map((text, index) => `${index},${text}`), ''].join('\n');
  const { rows } = await convertHere(directory, Buffer.from(csv), [{ name: 'x', dataType }]);
  return rows.map(({ x, _uncast }) => [x ?? null, _uncast ?? null]);
}

async function expectValues(dataType: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  const found = await inColumn(dataType, Object.keys(values));
  expect(found).toEqual(Object.values(values).map((value) => [value, null]));
}

async function expectUncast(dataType: string, texts: readonly string[]): Promise<void> {
  const found = await inColumn(dataType, texts);
  expect(found).toEqual(texts.map((text) => [null, JSON.stringify({ x: text })]));
}

const DIGITS_300 = '7'.repeat(300);

describe('a value of a typed column', () => {
  it('that is whole is a number, whatever its decimals of 0', async () => {
    await expectValues('integer', {
      '0': 0n,
      '5': 5n,
      '-17': -17n,
      '5.0': 5n,
      '126.000': 126n,
      '4294967299': 4_294_967_299n,
      '9223372036854775807': 2n ** 63n - 1n,
      '-9223372036854775808': -(2n ** 63n),
    });
    await expectUncast('score', [
      '',
      '5.7',
      '5.',
      '.0',
      '1e3',
      '0x1F',
      '1_000',
      ' 5',
      '5 ',
      '+5',
      '-0',
      '007',
      '--1',
      'NaN',
      'five',
      '9223372036854775808',
      DIGITS_300,
      '５',
    ]);
  });

  it('that has decimals is the nearest double, where that tells all of its digits', async () => {
    await expectValues('currency', {
      '0': 0,
      '-0.5': -0.5,
      '12345.67': 12345.67,
      '1.0E7': 1e7,
      '2.5e-3': 0.0025,
      '0.30000000000000004': 0.1 + 0.2,
      '100000000000000000000': 1e20,
      '0.00000000000000000012': 1.2e-19,
    });
    await expectUncast('float', [
      '',
      '1.234567890123456789',
      DIGITS_300,
      '1e400',
      '-1e400',
      '1e-400',
      '1.5e-310',
      'inf',
      'Infinity',
      '-inf',
      'nan',
      '1 000',
      '$5',
      '5%',
      '.5',
      '5.',
      '05',
      'e5',
    ]);
  });

  it('that is true or false is spelled so, or 1 or 0', async () => {
    await expectValues('boolean', { true: true, false: false, '1': true, '0': false });
    await expectUncast('boolean', ['', 't', 'f', 'yes', 'no', 'TRUE', 'True', 'on', '2', '1.0', ' true']);
  });

  it('that is a day is written as ISO 8601 does', async () => {
    await expectValues('date', {
      '2024-02-29': new Date('2024-02-29'),
      '0001-01-01': new Date('0001-01-01'),
      '9999-12-31': new Date('9999-12-31'),
    });
    await expectUncast('date', [
      '',
      '0000-00-00',
      '0000-01-01',
      '2023-02-29',
      '2024-13-01',
      '2024-1-1',
      '2024/01/01',
      '20240101',
      '01-02-2024',
      '2024-01-01T00:00:00Z',
      '2024-01-01 (BC)',
      'infinity',
      'epoch',
      '10000-01-01',
    ]);
  });

  it('that is a moment has a zone', async () => {
    await expectValues('datetime', {
      '2016-08-03T22:48:05Z': new Date('2016-08-03T22:48:05Z'),
      '2016-08-03T22:48:05.123Z': new Date('2016-08-03T22:48:05.123Z'),
      '2016-08-03T22:48:05+0000': new Date('2016-08-03T22:48:05Z'),
      '2016-08-03T22:48:05+05:30': new Date('2016-08-03T17:18:05Z'),
      '2016-08-03T22:48:05-08:00': new Date('2016-08-04T06:48:05Z'),
    });
    await expectUncast('datetime', [
      '',
      '0000-00-00T00:00:00Z',
      '2016-08-03',
      '2016-08-03T22:48:05',
      '2016-08-03 22:48:05Z',
      '2016-08-03T24:00:00Z',
      '2016-08-03T22:60:00Z',
      '2016-08-03T22:48:60Z',
      '2016-02-30T22:48:05Z',
      '2016-08-03T22:48:05.1234567Z',
      '2016-08-03T22:48:05Z+0000',
      '2016-08-03T22:48:05 Europe/Berlin',
      'now',
      'today',
    ]);
  });
});

describe('a value of a column of text', () => {
  it('comes as it is; only an unquoted null is none', async () => {
    const csv = 'id,x\n1,null\n2,"null"\n3,\n4,""\n5,"a\nb, ""c"""\n6,"\r"\n7,"a\0b"\n8,NULL\n9,\u2028 é 𝄞\n10,\\N\n';
    const { rows } = await convertHere(directory, Buffer.from(csv), []);
    expect(rows.map(({ x }) => x ?? null)).toEqual([
      null,
      'null',
      '',
      '',
      'a\nb, "c"',
      '\r',
      'a\0b',
      'NULL',
      '\u2028 é 𝄞',
      '\\N',
    ]);
    expect(rows.every(({ _uncast }) => _uncast === undefined || _uncast === null)).toBe(true);
  });

  it('comes so from a file with CRLFs too', async () => {
    const { rows } = await convertHere(directory, Buffer.from('id,x\r\n1,a\r\n2,"b\nc\r\nd"\r\n'), []);
    expect(rows.map(({ x }) => x)).toEqual(['a', 'b\nc\r\nd']);
  });
});

describe('CSV that not every reader takes for the same', () => {
  it.each([
    ['a quote that is not doubled', '"first"Name1"'],
    ['something after the closing quote', '"a"b'],
    ['a field too many', 'a,b'],
    ['bytes that are no UTF-8', '\xff'],
    ['quotes that are not closed', '"a'],
  ])('is refused: %s', async (_name, field) => {
    for (const lineEnd of ['\n', '\r\n']) {
      const csv = Buffer.from(['id,x', '1,a', `2,${field}`, '3,b', ''].join(lineEnd), 'latin1');
      await expect(convertHere(directory, csv, [])).rejects.toThrow('CSV Error on Line');
    }
  });

  it('is refused where a field is missing', async () => {
    await expect(convertHere(directory, Buffer.from('id,x\n1,a\n2\n3,b\n'), [])).rejects.toThrow('CSV Error on Line');
  });
});

/** Texts that read as something, nearly so, or not at all. */
const cell = fc.oneof(
  fc.constantFrom('null', '"null"', '""', '0000-00-00', '1', '0', 'true', '2024-02-30', '2024-02-29T10:00:00Z', '1e5'),
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.integer({ min: -100, max: 100 }).map((number) => `${number}.0`),
  fc.double({ noNaN: true }).map(String),
  fc
    .date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  fc.string({ unit: fc.constantFrom(...'0123456789.-+eTZ: "\\\n,xé'.split('')), maxLength: 12 }).map(quoted),
);

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** The text of a cell; nothing for an unquoted null. */
function textOf(raw: string): string | null {
  if (raw === 'null') return null;
  return raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw;
}

/** What JavaScript takes a text for, where a value was made of it. */
const MEANINGS: Readonly<Record<string, (text: string) => unknown>> = {
  integer: (text) => BigInt(text.replace(/\.0+$/, '')),
  score: (text) => BigInt(text.replace(/\.0+$/, '')),
  float: Number,
  boolean: (text) => text === 'true' || text === '1',
  date: (text) => new Date(text),
  datetime: (text) => new Date(text),
  string: (text) => text,
};

describe('every value of every column', () => {
  it('is what it says, or is kept as text: none is lost, and none becomes another', async () => {
    const row = fc.tuple(...TYPES.map(() => cell));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 50, maxLength: 100 }), async (table) => {
        const csv = [`id,${TYPES.join(',')}`, ...table.map((cells, index) => [index, ...cells].join(',')), ''].join(
          '\n',
        );
        const { rows } = await convertHere(directory, Buffer.from(csv), DESCRIBED);
        expect(rows).toHaveLength(table.length);
        for (const [index, cells] of table.entries()) {
          const { id, _uncast, ...values } = rows[index] ?? {};
          expect(id).toBe(BigInt(index));
          const kept = JSON.parse(typeof _uncast === 'string' ? _uncast : '{}') as Record<string, string>;
          for (const [column, type] of TYPES.entries()) {
            const text = textOf(cells[column] ?? '');
            const value = values[type] ?? null;
            if (text === null) expect([value, type in kept]).toEqual([null, false]);
            else if (value === null) expect(kept[type]).toBe(text);
            else expect([value, type in kept]).toEqual([MEANINGS[type]?.(text), false]);
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('the file', () => {
  it('tells its types, and what Marketo calls them', async () => {
    const metadata = { 'marketo.fields': JSON.stringify([{ displayName: 'Größe "x" \'y\'' }]), other: '' };
    const { footer } = await convertHere(directory, Buffer.from(`id,${TYPES.join(',')}\n`), DESCRIBED, metadata);
    expect(footer.schema.slice(1).map(({ name, type, converted_type }) => [name, type, converted_type])).toEqual([
      ['id', 'INT64', 'INT_64'],
      ['integer', 'INT64', 'INT_64'],
      ['score', 'INT64', 'INT_64'],
      ['float', 'DOUBLE', undefined],
      ['boolean', 'BOOLEAN', undefined],
      ['date', 'INT32', 'DATE'],
      ['datetime', 'INT64', 'TIMESTAMP_MICROS'],
      ['string', 'BYTE_ARRAY', 'UTF8'],
      ['_uncast', 'BYTE_ARRAY', 'UTF8'],
    ]);
    expect(footer.num_rows).toBe(0n);
    expect(Object.fromEntries(footer.key_value_metadata?.map(({ key, value }) => [key, value]) ?? [])).toMatchObject(
      metadata,
    );
  });

  it('keeps apart names that differ in case alone, or that are its own', async () => {
    const csv = 'id,Score,score,_uncast,"odd ""name"", with \'all\'"\n1,a,b,c,d\n';
    const { rows } = await convertHere(directory, Buffer.from(csv.replace(/,"odd.*"\n/, ',odd "n\' a\n')), [
      { name: 'score', dataType: 'score' },
    ]);
    expect(rows).toEqual([
      { id: 1n, Score: 'a', score_1: null, _uncast: 'c', 'odd "n\' a': 'd', _uncast_1: '{"score_1":"b"}' },
    ]);
  });
});

describe('the package that makes Parquet', () => {
  it('is told people as it is pinned', async () => {
    const { optionalDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      optionalDependencies: Record<string, string>;
    };
    expect(Object.entries(optionalDependencies).map(([name, version]) => `${name}@${version}`)).toEqual([DUCKDB]);
  });
});

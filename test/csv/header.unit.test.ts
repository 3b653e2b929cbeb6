import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidHeaderError } from '../../src/csv/csv-errors.js';
import { readHeader, sameColumns } from '../../src/csv/header.js';
import { validFile } from './arbitrary-csv.js';
import { scan } from './scan.js';

describe('readHeader', () => {
  it('reads names with or without line end, quotes and byte order mark', () => {
    for (const row of ['id,first name', 'id,first name\n', 'id,first name\r\n', '\ufeffid,"first name"\n']) {
      expect(readHeader(Buffer.from(row))).toEqual(['id', 'first name']);
    }
    expect(readHeader(Buffer.from('"a ""b""","c,\nd",\n'))).toEqual(['a "b"', 'c,\nd', '']);
  });

  it('reads the names that a file was made with', () => {
    fc.assert(
      fc.property(validFile, ({ bytes, header }) => {
        const reading = scan([bytes]);
        if ('error' in reading) throw new Error(reading.error);
        expect(readHeader(Buffer.from(reading.header, 'latin1'))).toEqual(header);
      }),
    );
  });

  it('refuses what is not one row of CSV, without quoting it', () => {
    for (const row of ['', '\ufeff', 'secret"x",id\n', '"secret', '"secret"x\n', 'secret\nid\n']) {
      const read = () => readHeader(Buffer.from(row));
      expect(read).toThrow(InvalidHeaderError);
      expect(read).not.toThrow(/secret/);
    }
  });

  it('takes a UTF-16 byte order mark for data', () => {
    expect(readHeader(Buffer.from('\xff\xfei\0d\0', 'latin1'))).toEqual(['\ufffd\ufffdi\0d\0']);
  });
});

describe('sameColumns', () => {
  it('says when all is the same', () => {
    expect(sameColumns(['id', 'email'], ['id', 'email'])).toEqual({ outcome: 'same' });
  });

  it('takes no notice of quotes, byte order mark and line end', () => {
    const header = (row: string) => readHeader(Buffer.from(row));
    expect(sameColumns(header('"id",email\r\n'), header('\ufeffid,"email"\n'))).toEqual({ outcome: 'same' });
  });

  it('says when only the order differs', () => {
    expect(sameColumns(['email', 'id'], ['id', 'email'])).toEqual({ outcome: 'order differs' });
  });

  it('names what is missing and what is extra, repetitions included', () => {
    expect(sameColumns(['id', 'b', 'b', 'c'], ['id', 'a', 'b', 'd'])).toEqual({
      outcome: 'columns differ',
      missing: ['a', 'd'],
      extra: ['b', 'c'],
    });
    expect(sameColumns(['id'], ['id', 'id'])).toEqual({ outcome: 'columns differ', missing: ['id'], extra: [] });
  });
});

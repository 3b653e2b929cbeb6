import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidHeaderError, InvalidIdError } from '../../src/csv/csv-errors.js';
import { checkFirstRecords } from '../../src/csv/first-records.js';
import { dirtyFile, validFile } from './arbitrary-csv.js';

const quoting = fc.constantFrom('tolerant' as const, 'strict' as const);

function check(sample: string, expectedColumns: number) {
  return checkFirstRecords(Buffer.from(sample), expectedColumns);
}

describe('checkFirstRecords', () => {
  it('agrees with csv-parse on any sample of any valid file', () => {
    fc.assert(
      fc.property(validFile, fc.nat(), quoting, ({ bytes, header }, length, mode) => {
        const sample = bytes.subarray(0, length % (bytes.length + 1));
        expect(checkFirstRecords(sample, header.length, mode)).toMatchObject({ outcome: 'agree' });
        expect(checkFirstRecords(bytes, header.length, mode)).toMatchObject({ outcome: 'agree' });
      }),
      { numRuns: 500 },
    );
  });

  it('counts the complete records only', () => {
    expect(check('id,a\n1,"x\ny"\n\n"2",z\n3,"', 2)).toEqual({ outcome: 'agree', records: 2 });
    expect(check('id,a\n', 2)).toEqual({ outcome: 'agree', records: 0 });
    expect(check('id,a', 2)).toEqual({ outcome: 'agree', records: 0 });
    expect(check('', 2)).toEqual({ outcome: 'agree', records: 0 });
  });

  it('says which record has another number of columns', () => {
    expect(check('id,a\n1,x\n2,y,z\n', 2)).toEqual({ outcome: 'column count differs', recordNumber: 2, columns: 3 });
    expect(check('id,a\n1,x\n2\n', 2)).toEqual({ outcome: 'column count differs', recordNumber: 2, columns: 1 });
  });

  it('leaves stray quotes to the scanner', () => {
    expect(check('id,a,b\n1,"first"Name1",x\n', 3)).toEqual({ outcome: 'unreadable' });
    expect(check('id,a,b\n1,5" pipe,x\n', 3)).toEqual({ outcome: 'unreadable' });
  });

  it('is not misled by what csv-parse makes of a NUL after a quote', () => {
    expect(check('id,a\n1,"x"\0\n2,"y"\n', 2)).toEqual({ outcome: 'unreadable' });
    expect(check('id,a\n1,"\0"\n2,\0\n', 2)).toEqual({ outcome: 'agree', records: 2 });
  });

  it("throws nothing but the scanner's errors", () => {
    fc.assert(
      fc.property(dirtyFile, quoting, (bytes, mode) => {
        try {
          checkFirstRecords(bytes, 2, mode);
        } catch (error) {
          if (!(error instanceof InvalidIdError || error instanceof InvalidHeaderError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

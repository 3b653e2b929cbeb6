import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidHeaderError, InvalidIdError } from '../../src/csv/csv-errors.js';
import { checkFirstRecords } from '../../src/csv/first-records.js';
import type { QuoteRule } from '../../src/csv/quote-rule.js';
import { dirtyFile, quoteRule, validFile } from './arbitrary-csv.js';

const byTheRules = fc.constantFrom<QuoteRule[]>('tolerant', 'strict');

function check(sample: string, mode?: QuoteRule) {
  return checkFirstRecords(Buffer.from(sample), mode);
}

describe('checkFirstRecords', () => {
  it('agrees with csv-parse on any sample of any valid file', () => {
    fc.assert(
      fc.property(validFile, fc.nat(), byTheRules, ({ bytes }, length, mode) => {
        const sample = bytes.subarray(0, length % (bytes.length + 1));
        expect(checkFirstRecords(sample, mode)).toMatchObject({ outcome: 'agree' });
        expect(checkFirstRecords(bytes, mode)).toMatchObject({ outcome: 'agree' });
      }),
      { numRuns: 300 },
    );
  });

  it('counts the complete records only', () => {
    expect(check('id,a\n1,"x\ny"\n\n"2",z\n3,"')).toEqual({ outcome: 'agree', records: 2 });
    expect(check('id,a\n')).toEqual({ outcome: 'agree', records: 0 });
    expect(check('id,a')).toEqual({ outcome: 'agree', records: 0 });
    expect(check('')).toEqual({ outcome: 'agree', records: 0 });
  });

  it('takes a record with more or fewer columns as it is', () => {
    expect(check('id,a\n1,x\n2,y,z\n3\n')).toEqual({ outcome: 'agree', records: 3 });
  });

  it('takes no notice of empty lines and a byte order mark', () => {
    expect(check('\ufeffid,a\n\n1,x\n\r\n\n2,y\n\n')).toEqual({ outcome: 'agree', records: 2 });
    expect(check('id\n1\n\n\n2\n')).toEqual({ outcome: 'agree', records: 2 });
  });

  it('says where the two read differently', () => {
    expect(check('id,a,b\n1,"x"",y"\n', 'closing')).toEqual({ outcome: 'values differ', recordNumber: 1 });
    expect(check('id,a,b\n1,x\n2,"x""\n3,y"\n', 'closing')).toEqual({
      outcome: 'record counts differ',
      scanned: 3,
      parsed: 2,
    });
  });

  it('never has the tolerant reading differ from what csv-parse accepts', () => {
    fc.assert(
      fc.property(dirtyFile, (bytes) => {
        try {
          expect(checkFirstRecords(bytes).outcome).toMatch(/agree|unreadable/);
        } catch (error) {
          if (!(error instanceof InvalidIdError || error instanceof InvalidHeaderError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaves stray quotes to the scanner', () => {
    expect(check('id,a,b\n1,"first"Name1",x\n')).toEqual({ outcome: 'unreadable' });
    expect(check('id,a,b\n1,5" pipe,x\n')).toEqual({ outcome: 'unreadable' });
  });

  it('is not misled by what csv-parse makes of a NUL after a quote', () => {
    expect(check('id,a\n1,"x"\0\n2,"y"\n')).toEqual({ outcome: 'unreadable' });
    expect(check('id,a\n1,"\0"\n2,\0\n')).toEqual({ outcome: 'agree', records: 2 });
  });

  it("throws nothing but the scanner's errors", () => {
    fc.assert(
      fc.property(dirtyFile, quoteRule, (bytes, mode) => {
        try {
          checkFirstRecords(bytes, mode);
        } catch (error) {
          if (!(error instanceof InvalidIdError || error instanceof InvalidHeaderError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

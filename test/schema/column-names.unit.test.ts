import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { columnNames } from '../../src/schema/column-names.js';

describe('names of columns', () => {
  it('are as the output has them where the engine allows them', () => {
    const names = ['id', 'email', 'Active__c', "l'école"];
    expect(columnNames(names, { maxBytes: 63 })).toEqual(names);
  });

  it('get a number where they differ in case alone, or not at all', () => {
    expect(columnNames(['Email', 'email', 'EMAIL', 'email_2'], { maxBytes: 63 })).toEqual([
      'Email',
      'email_2',
      'EMAIL_3',
      'email_2_2',
    ]);
  });

  it('are told apart where the engine would cut them to the same', () => {
    const long = 'a'.repeat(70);
    expect(columnNames([`${long}1`, `${long}2`], { maxBytes: 63 })).toEqual(['a'.repeat(63), `${'a'.repeat(61)}_2`]);
  });

  it('are of letters, digits and _ where the engine wants them so', () => {
    expect(columnNames(['1st', 'a.b', 'é', ''], { maxBytes: 300, plain: true })).toEqual(['_1st', 'a_b', '_', '__2']);
  });

  it('are each another one to whoever passes over case, and no longer than allowed, whatever they are made from', () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('id', 'ID', 'a'.repeat(80), 'ä'.repeat(40)));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 40 }), fc.boolean(), (names, plain) => {
        const made = columnNames(names, { maxBytes: 63, ...(plain && { plain }) });
        expect(made).toHaveLength(names.length);
        expect(new Set(made.map((one) => one.toLowerCase())).size).toBe(names.length);
        for (const one of made) {
          expect(one).not.toBe('');
          expect(Buffer.byteLength(one)).toBeLessThanOrEqual(63);
          expect(one).toMatch(plain ? /^[A-Za-z_]\w*$/ : /^\P{Cc}*$/u);
        }
      }),
    );
  });
});

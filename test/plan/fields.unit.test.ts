import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseFields, matches, type FieldWish } from '../../src/plan/fields.js';

const LISTED = ['firstName', 'id', 'email', 'utm_source', 'utm_medium', 'a.b', 'axb'];

function chosen(wish: FieldWish): readonly string[] {
  const choice = chooseFields(LISTED, wish);
  if ('unknown' in choice) throw new Error(`unknown: ${choice.unknown.join()}`);
  return choice.fields;
}

describe('chooseFields', () => {
  it('exports everything with id first when nothing is named', () => {
    expect(chosen({})).toEqual(['id', 'firstName', 'email', 'utm_source', 'utm_medium', 'a.b', 'axb']);
  });

  it('keeps the wanted order behind id, which need not be named', () => {
    expect(chosen({ fields: ['email', 'firstName'] })).toEqual(['id', 'email', 'firstName']);
    expect(chosen({ fields: ['email', 'id'] })).toEqual(['id', 'email']);
  });

  it('replaces a pattern by the fields that match it, none twice', () => {
    expect(chosen({ fields: ['utm_medium', 'utm_*', 'a.*'] })).toEqual(['id', 'utm_medium', 'utm_source', 'a.b']);
  });

  it('lists every pattern that nothing matches', () => {
    expect(chooseFields(LISTED, { fields: ['email', 'x_*', '*_y'] })).toEqual({ unknown: ['x_*', '*_y'] });
  });

  it('leaves a name that Describe does not list to the export itself, and tells it', () => {
    expect(chooseFields(LISTED, { fields: ['email', 'ecids'] })).toMatchObject({
      fields: ['id', 'email', 'ecids'],
      unlisted: ['ecids'],
    });
  });

  it('leaves out what is excluded, by name or pattern, but for id', () => {
    expect(chosen({ excludeFields: ['utm_*', 'email', '*b'] })).toEqual(['id', 'firstName']);
    expect(chosen({ excludeFields: ['*'] })).toEqual(['id']);
  });

  it('tells what of the excluded matches nothing', () => {
    expect(chooseFields(LISTED, { fields: ['email'], excludeFields: ['utm_*', 'email'] })).toMatchObject({
      fields: ['id'],
      unmatched: ['utm_*'],
    });
  });
});

describe('a pattern', () => {
  it('takes each * for any characters and everything else as it stands', () => {
    expect(LISTED.filter((field) => matches('a.*', field))).toEqual(['a.b']);
    expect(matches('*', '')).toBe(true);
    expect(matches('a*a', 'a')).toBe(false);
    expect(matches('a*a', 'aa')).toBe(true);
  });

  it('matches what the regular expression of the same meaning does', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, field) => {
        const pieces = pattern.split('*').map((piece) => piece.replaceAll('.', '\\.'));
        expect(matches(pattern, field)).toBe(new RegExp(`^${pieces.join('.*')}$`).test(field));
      }),
    );
  });

  it('of a hundred stars is answered, and does not hold up the worker', () => {
    expect(matches(`${'*a'.repeat(100)}*z`, 'a'.repeat(5000))).toBe(false);
  });
});

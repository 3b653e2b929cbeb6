import { describe, expect, it } from '@jest/globals';
import { chooseFields } from '../../src/plan/fields.js';

const exportable = ['firstName', 'id', 'email', 'utm_source', 'utm_medium', 'a.b'];

describe('chooseFields', () => {
  it('exports everything with id first when nothing is named', () => {
    expect(chooseFields(exportable, undefined)).toEqual({
      fields: ['id', 'firstName', 'email', 'utm_source', 'utm_medium', 'a.b'],
    });
  });

  it('keeps the wanted order behind id, which need not be named', () => {
    expect(chooseFields(exportable, ['email', 'firstName'])).toEqual({ fields: ['id', 'email', 'firstName'] });
    expect(chooseFields(exportable, ['email', 'id'])).toEqual({ fields: ['id', 'email'] });
  });

  it('replaces a pattern by the fields that match it, none twice', () => {
    expect(chooseFields(exportable, ['utm_medium', 'utm_*', 'a.*'])).toEqual({
      fields: ['id', 'utm_medium', 'utm_source', 'a.b'],
    });
  });

  it('lists every name and pattern that the instance does not have', () => {
    expect(chooseFields(exportable, ['Email', 'email', 'nope', 'x_*'])).toEqual({ unknown: ['Email', 'nope', 'x_*'] });
  });
});

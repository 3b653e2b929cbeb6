import { describe, expect, it } from '@jest/globals';
import { columnsOf, columnTypeOf, fieldsOf } from '../../src/contract/columns.js';

describe('columnTypeOf', () => {
  it.each([
    ['integer', 'integer'],
    ['score', 'integer'],
    ['float', 'double'],
    ['currency', 'double'],
    ['percent', 'double'],
    ['boolean', 'boolean'],
    ['date', 'date'],
    ['datetime', 'timestamp'],
    ['string', 'text'],
    ['reference', 'text'],
    ['a type that Adobe invents next year', 'text'],
  ])('takes %s for %s', (dataType, type) => {
    expect(columnTypeOf({ name: 'a', dataType })).toBe(type);
  });

  it('takes the id for a whole number, whatever Describe says', () => {
    expect(columnTypeOf({ name: 'id', dataType: 'string' })).toBe('integer');
  });
});

it('tells the fields of columns in their order, also of those that Describe does not list', () => {
  const email = { name: 'email', dataType: 'email', displayName: 'Email Address', length: 255 };
  expect(fieldsOf(['id', 'email'], [email, { name: 'score', dataType: 'score' }])).toEqual([
    { name: 'id', dataType: 'string' },
    email,
  ]);
});

it('tells the columns with the types of their fields', () => {
  const score = { name: 'leadScore', dataType: 'score', displayName: 'Person Score' };
  expect(columnsOf(['id', 'leadScore'], [score])).toEqual([
    { name: 'id', dataType: 'string', type: 'integer' },
    { ...score, type: 'integer' },
  ]);
});

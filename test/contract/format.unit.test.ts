import { describe, expect, it } from '@jest/globals';
import { CONTENT_TYPES, formatOf } from '../../src/contract/format.js';
import { contentTypeProblem } from '../../src/contract/output-options.js';

describe('formatOf', () => {
  it.each([
    ['s3://b/leads.parquet', 'parquet'],
    ['s3://b/leads.csv.gz', 'gzip'],
    ['s3://b/leads.csv', 'csv'],
    ['s3://b/leads', 'csv'],
    ['s3://b/leads.parquet.csv', 'csv'],
    ['s3://b/leads.PARQUET', 'csv'],
  ] as const)('takes %s for %s', (destination, format) => {
    expect(formatOf(destination)).toBe(format);
  });

  it('knows a content type of each that is one', () => {
    expect(Object.values(CONTENT_TYPES).map(contentTypeProblem)).toEqual([undefined, undefined, undefined]);
  });
});

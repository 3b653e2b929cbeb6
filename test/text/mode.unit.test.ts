import { describe, expect, it } from '@jest/globals';
import { utf8Bytes } from '../../src/contract/utf8.js';
import { runSummary } from '../../src/text/mode.js';

const destination = 's3://bucket/leads.csv';

describe('the summary of a run in a list of workflows', () => {
  it.each([
    [{}, 'All leads: every field → s3://bucket/leads.csv'],
    [{ mode: 'update' }, 'Update: every field → s3://bucket/leads.csv'],
    [{ fields: ['email', 'utm_*'] }, 'All leads: email, utm_* → s3://bucket/leads.csv'],
    [{ fields: [], excludeFields: ['SSN__c'] }, 'All leads: every field but SSN__c → s3://bucket/leads.csv'],
  ] as const)('says fields and mode: %j', (input, summary) => {
    expect(runSummary({ destination, ...input })).toBe(summary);
  });

  it('stays below the 400 bytes that Temporal takes, whatever the destination', () => {
    const summary = runSummary({ destination: `s3://bucket/${'😀'.repeat(250)}`, fields: ['x'.repeat(500)] });
    expect(utf8Bytes(summary)).toBeLessThanOrEqual(400);
    expect(summary).toContain('s3://bucket/😀');
  });
});

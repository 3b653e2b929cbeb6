import { describe, expect, it } from '@jest/globals';
import { familyOf } from '../../src/contract/names.js';

describe('runs of one schedule', () => {
  it.each([
    'extract-leads/bucket/leads.csv',
    'extract-leads/bucket/leads.csv-2026-11-26T02:15:00Z',
    'extract-leads/bucket/leads.csv/full',
    'extract-leads/bucket/leads.csv/full-2026-11-28T06:00:00Z',
  ])('have one id in common, with those that were started by hand: %s', (workflowId) => {
    expect(familyOf(workflowId)).toBe('extract-leads/bucket/leads.csv');
  });

  it.each(['extract-leads/bucket/leads.csv-2026', 'extract-leads/bucket/leads.csv.gz', 'leads/123-ABC-456'])(
    'are no others: %s',
    (workflowId) => {
      expect(familyOf(workflowId)).toBe(workflowId);
    },
  );
});

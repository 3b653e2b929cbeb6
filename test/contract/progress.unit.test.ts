import { describe, expect, it } from '@jest/globals';
import { isNewWait } from '../../src/contract/progress.js';

describe('a wait', () => {
  const wait = { reason: 'queueFull', message: 'full', since: '2024-01-19T00:00:00.000Z' } as const;

  it('is new where there was none, or where its reason, its deadline or its message has changed', () => {
    expect(isNewWait(wait, undefined)).toBe(true);
    expect(isNewWait(wait, { ...wait, reason: 'exportQuota' })).toBe(true);
    expect(isNewWait(wait, { ...wait, until: '2024-01-21T06:00:00Z' })).toBe(true);
    expect(isNewWait(wait, { ...wait, message: 'still full' })).toBe(true);
  });

  it('is not new by its beginning alone', () => {
    expect(isNewWait(wait, { ...wait })).toBe(false);
    expect(isNewWait(wait, { ...wait, since: '2024-01-20T00:00:00.000Z' })).toBe(false);
  });
});

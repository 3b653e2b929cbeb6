import { describe, expect, it } from '@jest/globals';
import { estimateSentence, totals, waitSentence } from '../../src/text/progress.js';

const WINDOWS = { total: 6, pending: 2, exporting: 1, transferring: 0, completed: 1, 'taken over': 1, failed: 1 };

describe('the sentences about a run', () => {
  it('count what needs nothing more', () => {
    expect(totals({ windows: WINDOWS, records: 1_234_567, bytes: 812_300_000 })).toBe(
      '2 of 6 windows · 1,234,567 records · 812 MB exported',
    );
    expect(totals({ windows: { ...WINDOWS, total: 0 }, records: 0, bytes: 0 })).toBe('no window yet');
  });

  it('tell what is left, and the days that the quota makes of the run', () => {
    expect(estimateSentence({ secondsLeft: 8100, bytesLeft: 1_204_000_000, quotaDays: 3 })).toBe(
      'About 2 h 15 min and 1.2 GB left; 3 days of a 500 MB daily export quota in all.',
    );
    expect(estimateSentence({ secondsLeft: 1, bytesLeft: 1, quotaDays: 1 })).toContain('; 1 day of');
  });

  it('tell what is waited for, with its end where that is known', () => {
    const wait = { reason: 'exportQuota', message: 'two\nlines', since: '2024-07-01T11:00:00Z' } as const;
    expect(waitSentence(wait)).toBe('two lines');
    expect(waitSentence({ ...wait, until: '2024-07-02T05:02:00.899Z' })).toBe('two lines, until 2024-07-02 05:02 UTC');
  });
});

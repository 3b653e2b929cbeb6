import { describe, expect, it } from '@jest/globals';
import { elapsed, quotaDays, spansOf, spent } from '../../src/report/facts.js';
import { emptyWindow, manifestOf, windowOf, windowsOf } from './samples.js';

const MINUTE = 60_000;

describe('where the time of a window went', () => {
  it('is its queue, its processing, and its transfer with checks', () => {
    const queued = Date.parse('2026-03-02T15:00:00Z');
    expect(spansOf(windowOf(0))).toEqual([
      { stage: 'queue', from: queued, to: queued + 10 * MINUTE },
      { stage: 'processing', from: queued + 10 * MINUTE, to: queued + 30 * MINUTE },
      { stage: 'transfer', from: queued + 30 * MINUTE, to: queued + 31 * MINUTE },
    ]);
  });

  it('leaves out stages whose times Marketo does not tell', () => {
    const { queuedAt, startedAt, ...window } = windowOf(0);
    expect([queuedAt, startedAt]).not.toContain(undefined);
    expect(spansOf(window).map(({ stage }) => stage)).toEqual(['transfer']);
  });

  it('leaves out a transfer that ended before the job did, by clocks that disagree', () => {
    const spans = spansOf(windowOf(0, { verifiedAt: '2026-03-02T15:29:00Z' }));
    expect(spans.map(({ stage }) => stage)).toEqual(['queue', 'processing']);
  });

  it('adds up over windows', () => {
    expect(spent(windowsOf(3), 'queue')).toBe(30 * MINUTE);
  });
});

describe('bytes by day of the quota', () => {
  it('begin anew at midnight in Chicago, in winter and in summer', () => {
    const at = (finishedAt: string): ReturnType<typeof windowOf> => windowOf(0, { finishedAt });
    const windows = ['2026-01-10T05:59:59Z', '2026-01-10T06:00:00Z', '2026-07-10T04:59:59Z', '2026-07-10T05:00:00Z'];
    expect(quotaDays(windows.map(at))).toEqual([
      { day: '2026-01-09', bytes: 3_000_000 },
      { day: '2026-01-10', bytes: 3_000_000 },
      { day: '2026-07-09', bytes: 3_000_000 },
      { day: '2026-07-10', bytes: 3_000_000 },
    ]);
  });

  it('add up windows of one day and know nothing of empty ones', () => {
    expect(quotaDays([windowOf(0), emptyWindow(1), windowOf(2)])).toEqual([{ day: '2026-03-02', bytes: 6_000_000 }]);
  });
});

describe('the time from the first job to the output', () => {
  it('does not reach back to the jobs of an earlier run', () => {
    const takenOver = windowOf(0, { takenOver: true, queuedAt: '2026-02-25T00:00:00Z' });
    expect(elapsed(manifestOf([takenOver, windowOf(1)]))).toBe(140 * MINUTE);
  });

  it('is not known where everything was taken over', () => {
    expect(elapsed(manifestOf([windowOf(0, { takenOver: true })]))).toBeUndefined();
  });

  it('is not known where the clock of Marketo is ahead', () => {
    expect(elapsed(manifestOf([windowOf(0)], { publishedAt: '2026-03-02T15:29:59Z' }))).toBeUndefined();
    expect(elapsed(manifestOf([windowOf(0, { verifiedAt: '2026-03-02T15:29:59Z' })]))).toBeUndefined();
  });
});

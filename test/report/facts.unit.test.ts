import { describe, expect, it } from '@jest/globals';
import { elapsed, quotaDays, spansOf, spent } from '../../src/report/facts.js';
import { count, duration, moment, size } from '../../src/report/format.js';
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

  it('is none where everything was taken over', () => {
    expect(elapsed(manifestOf([windowOf(0, { takenOver: true })]))).toBe(0);
  });
});

describe('numbers and times', () => {
  it.each([
    [size(0), '0 B'],
    [size(999), '999 B'],
    [size(1000), '1.0 kB'],
    [size(9_949_999), '9.9 MB'],
    [size(9_950_000), '10 MB'],
    [size(999_499_999), '999 MB'],
    [size(999_500_000), '1.0 GB'],
    [size(12_345_000_000_000), '12 TB'],
    [size(5_000_000_000_000_000), '5,000 TB'],
    [duration(99_499), '99 s'],
    [duration(100_000), '2 min'],
    [duration(99 * MINUTE), '99 min'],
    [duration(125 * MINUTE), '2 h 05 min'],
    [duration(52 * 60 * MINUTE), '2 d 4 h'],
    [count(1_234_567), '1,234,567'],
    [moment('2026-03-02T18:00:59.999Z'), '2026-03-02 18:00 UTC'],
  ])('are shown as %s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});

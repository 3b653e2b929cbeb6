import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatSeconds, parseSeconds } from '../../src/contract/dates.js';
import { windowsOf } from '../../src/contract/windows.js';

const second = fc.integer({ min: Date.UTC(2006, 0) / 1000, max: Date.UTC(2040, 0) / 1000 });
const range = fc
  .tuple(second, fc.integer({ min: 0, max: 20 * 366 * 86_400 }))
  .map(([start, length]) => ({ start, end: start + length }));

function secondsOf({ start, end }: { start: number; end: number }, overlap: number): { start: number; end: number }[] {
  return windowsOf({
    startAt: formatSeconds(start),
    endAt: formatSeconds(end),
    windowOverlapSeconds: overlap,
    windowDays: 31,
  }).map(({ startAt, endAt }) => ({
    start: parseSeconds(startAt),
    end: parseSeconds(endAt),
  }));
}

describe('windowsOf', () => {
  it('cuts the recipe’s example into 31 days minus one second', () => {
    expect(
      windowsOf({
        startAt: '2016-08-01T00:00:00Z',
        endAt: '2016-09-15T12:00:00Z',
        windowOverlapSeconds: 0,
        windowDays: 31,
      }),
    ).toEqual([
      { startAt: '2016-08-01T00:00:00Z', endAt: '2016-08-31T23:59:59Z' },
      { startAt: '2016-09-01T00:00:00Z', endAt: '2016-09-15T12:00:00Z' },
    ]);
  });

  it('shares the boundary second with an overlap of one second', () => {
    const [first, second] = windowsOf({
      startAt: '2016-08-01T00:00:00Z',
      endAt: '2016-12-01T00:00:00Z',
      windowOverlapSeconds: 1,
      windowDays: 31,
    });
    expect(second?.startAt).toBe(first?.endAt);
  });

  it('puts every second of a range into exactly one window when nothing overlaps', () => {
    fc.assert(
      fc.property(range, (whole) => {
        const windows = secondsOf(whole, 0);
        expect(windows[0]?.start).toBe(whole.start);
        expect(windows.at(-1)?.end).toBe(whole.end);
        windows.slice(1).forEach((window, index) => {
          expect(window.start).toBe((windows[index]?.end ?? NaN) + 1);
        });
      }),
    );
  });

  it('makes neighbours share exactly the overlap and leaves no gap', () => {
    fc.assert(
      fc.property(range, fc.integer({ min: 0, max: 3600 }), (whole, overlap) => {
        const windows = secondsOf(whole, overlap);
        windows.slice(1).forEach((window, index) => {
          expect(window.start).toBe((windows[index]?.start ?? NaN) + 31 * 86_400 - overlap);
          expect(window.start).toBeLessThanOrEqual((windows[index]?.end ?? NaN) + 1);
        });
      }),
    );
  });

  it('never exceeds 31 days minus a second, and only the last window is shorter', () => {
    fc.assert(
      fc.property(range, fc.integer({ min: 0, max: 3600 }), (whole, overlap) => {
        const windows = secondsOf(whole, overlap);
        windows.forEach(({ start, end }, index) => {
          if (index < windows.length - 1) expect(end - start).toBe(31 * 86_400 - 1);
          else expect(end - start).toBeLessThanOrEqual(31 * 86_400 - 1);
        });
      }),
    );
  });

  it('refuses an empty range and an overlap beyond an hour', () => {
    expect(() =>
      windowsOf({
        startAt: '2020-01-02T00:00:00Z',
        endAt: '2020-01-01T00:00:00Z',
        windowOverlapSeconds: 0,
        windowDays: 31,
      }),
    ).toThrow(RangeError);
    expect(() =>
      windowsOf({
        startAt: '2020-01-01T00:00:00Z',
        endAt: '2020-01-02T00:00:00Z',
        windowOverlapSeconds: 3601,
        windowDays: 31,
      }),
    ).toThrow(RangeError);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatSeconds, parseSeconds } from '../../src/contract/dates.js';
import { halvesOf, windowsOf, type Window, type WindowPlan } from '../../src/contract/windows.js';

const HOUR = 3600;
const FIRST = Date.UTC(2006, 0) / 1000;

const window = (start: number, seconds: number): Window => ({
  startAt: formatSeconds(start),
  endAt: formatSeconds(start + seconds - 1),
});
const secondsOf = ({ startAt, endAt }: Window): number => parseSeconds(endAt) - parseSeconds(startAt) + 1;

const start = fc.integer({ min: FIRST, max: Date.UTC(2040, 0) / 1000 });
const overlap = fc.integer({ min: 0, max: HOUR });

/** A plan, and windows of it that were halved: picked one after the other among what the ones before left. */
const halvedPlan = fc
  .record({
    start,
    seconds: fc.integer({ min: 1, max: 100 * 86_400 }),
    windowOverlapSeconds: fc.oneof(fc.constant(0), overlap),
    windowDays: fc.integer({ min: 1, max: 31 }),
    picks: fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { maxLength: 12 }),
  })
  .map(({ start: first, seconds, windowOverlapSeconds, windowDays, picks }) => {
    const plan: WindowPlan = { ...window(first, seconds), windowOverlapSeconds, windowDays };
    const halved: Window[] = [];
    for (const pick of picks) {
      const windows = windowsOf(plan, halved);
      const picked = windows[Math.floor(pick * windows.length)];
      if (picked && halvesOf(picked, windowOverlapSeconds)) halved.push(picked);
    }
    return { plan, halved };
  });

describe('halvesOf', () => {
  it('cuts a window of 31 days in the middle', () => {
    expect(halvesOf({ startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-31T23:59:59Z' }, 0)).toEqual([
      { startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-16T11:59:59Z' },
      { startAt: '2024-01-16T12:00:00Z', endAt: '2024-01-31T23:59:59Z' },
    ]);
  });

  it('halves down to an hour, which what halves share does not count for', () => {
    expect(halvesOf(window(FIRST, 2 * HOUR), 0)?.map(secondsOf)).toEqual([HOUR, HOUR]);
    expect(halvesOf(window(FIRST, 2 * HOUR - 1), 0)).toBeUndefined();
    expect(halvesOf(window(FIRST, 2 * HOUR), 1)).toBeUndefined();
    expect(halvesOf(window(FIRST, 2 * HOUR + 2), 1)?.map(secondsOf)).toEqual([HOUR + 1, HOUR + 2]);
  });

  it('has its ends where the window has them, and shares the overlap', () => {
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 31 * 86_400 }), overlap, (first, seconds, shared) => {
        const whole = window(first, seconds);
        const halves = halvesOf(whole, shared);
        if (!halves) {
          expect(seconds).toBeLessThan(2 * (HOUR + shared));
          return;
        }
        const [one, other] = halves;
        expect([one.startAt, other.endAt]).toEqual([whole.startAt, whole.endAt]);
        expect(parseSeconds(one.endAt) - parseSeconds(other.startAt) + 1).toBe(shared);
        for (const half of halves) {
          expect(secondsOf(half)).toBeGreaterThanOrEqual(HOUR);
          expect(secondsOf(half)).toBeLessThan(seconds);
        }
      }),
    );
  });

  it('comes to an end, however often it is done', () => {
    let windows = [window(FIRST, 31 * 86_400)];
    for (let times = 0; times < 9; times++) windows = windows.flatMap((whole) => halvesOf(whole, 0) ?? [whole]);
    expect(windows.flatMap((whole) => halvesOf(whole, 0) ?? [])).toEqual([]);
    expect(Math.min(...windows.map(secondsOf))).toBeGreaterThanOrEqual(HOUR);
  });
});

describe('the windows of a plan of which some were halved', () => {
  it('follow each other with exactly the overlap, from the first second of the range to the last', () => {
    fc.assert(
      fc.property(halvedPlan, ({ plan, halved }) => {
        const windows = windowsOf(plan, halved);
        expect(windows[0]?.startAt).toBe(plan.startAt);
        expect(windows.at(-1)?.endAt).toBe(plan.endAt);
        for (const [index, { startAt }] of windows.slice(1).entries()) {
          const end = parseSeconds(windows[index]?.endAt ?? '');
          expect(end - parseSeconds(startAt) + 1).toBe(plan.windowOverlapSeconds);
        }
      }),
    );
  });

  it('are one more for each, in whatever order they are told, and none starts where another does', () => {
    fc.assert(
      fc.property(halvedPlan, ({ plan, halved }) => {
        const windows = windowsOf(plan, halved);
        expect(windows).toHaveLength(windowsOf(plan).length + halved.length);
        expect(windowsOf(plan, [...halved].reverse())).toEqual(windows);
        expect(new Set(windows.map(({ startAt }) => startAt)).size).toBe(windows.length);
      }),
    );
  });

  it('are as they were where what was halved is of another plan', () => {
    fc.assert(
      fc.property(halvedPlan, ({ plan, halved }) => {
        const others = halved.map(({ startAt, endAt }) => ({ startAt, endAt: formatSeconds(parseSeconds(endAt) + 1) }));
        expect(windowsOf(plan, others)).toEqual(windowsOf(plan));
      }),
    );
  });
});

describe('windowDays', () => {
  it.each([1, 7, 31])('cuts a range into windows of %i days at most', (windowDays) => {
    const plan = { ...window(FIRST, 100 * 86_400), windowOverlapSeconds: 0, windowDays };
    const windows = windowsOf(plan);
    expect(windows).toHaveLength(Math.ceil(100 / windowDays));
    for (const one of windows.slice(0, -1)) expect(secondsOf(one)).toBe(windowDays * 86_400);
  });

  it.each([0, 32, NaN])('of %d is refused', (windowDays) => {
    const plan = { ...window(FIRST, 100), windowOverlapSeconds: 0, windowDays };
    expect(() => windowsOf(plan)).toThrow(RangeError);
  });
});

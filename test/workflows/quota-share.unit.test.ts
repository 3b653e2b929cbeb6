import { describe, expect, it } from '@jest/globals';
import { shareWait } from '../../src/workflows/quota-share.js';
import type { WindowRecord } from '../../src/workflows/window-record.js';

const MEGABYTE = 1_000_000;
const SHARE = 100;

/** Noon in Chicago on a day of daylight saving time, which began at 05:00 UTC. */
const NOON = Date.parse('2026-07-01T17:00:00Z');
const MIDNIGHT = '2026-07-02T05:00:00.000Z';

let next = 0;
function window(change: Partial<WindowRecord> = {}): WindowRecord {
  const startAt = new Date(Date.UTC(2024, 0, 1) + next++ * 86_400_000).toISOString();
  return { startAt, endAt: startAt, state: 'pending', jobs: 0, lostCreates: 0, ...change };
}

const done = (megabytes: number, exportedAt = NOON): WindowRecord =>
  window({ state: 'completed', bytes: megabytes * MEGABYTE, exportedAt });

/** The wait of the first pending window, at noon unless told otherwise. */
function waitOf(windows: readonly WindowRecord[], now = NOON): ReturnType<typeof shareWait> {
  const pending = windows.find(({ state }) => state === 'pending');
  if (!pending) throw new Error('There should be a window that is pending');
  return shareWait(SHARE, windows, pending, now);
}

describe('the share of the export quota', () => {
  it('lets the first job of a day go, however large the window is likely to be', () => {
    const yesterday = NOON - 86_400_000;
    expect(waitOf([window()])).toBeUndefined();
    expect(waitOf([done(5000, yesterday), window()])).toBeUndefined();
    expect(waitOf([window({ state: 'taken over', bytes: 5000 * MEGABYTE }), window()])).toBeUndefined();
  });

  it('lets a window go that is likely to fit, to the very byte', () => {
    expect(waitOf([done(50), window()])).toBeUndefined();
    expect(waitOf([done(50.000001), window()])).toBeDefined();
  });

  it('tells since when and until when it makes the next window wait', () => {
    expect(waitOf([done(40, NOON - 5000), done(40, NOON - 9000), window()])).toEqual({
      reason: 'quotaShare',
      message: "Waiting for tomorrow's share of the export quota: at most 100 MB a day are to be exported",
      since: new Date(NOON - 5000).toISOString(),
      until: MIDNIGHT,
    });
  });

  it('counts what is under way, by what it is likely to be', () => {
    const earlier = done(60, NOON - 86_400_000);
    expect(waitOf([earlier, window({ state: 'exporting' }), window()])?.until).toBe(MIDNIGHT);
    expect(waitOf([{ ...earlier, bytes: 50 * MEGABYTE }, window({ state: 'exporting' }), window()])).toBeUndefined();
  });

  it('counts a file that is transferred, and one whose window failed since', () => {
    for (const state of ['transferring', 'failed'] as const) {
      expect(waitOf([{ ...done(60), state }, window()])).toBeDefined();
    }
  });

  it('takes nothing for the size of windows while none is known, so that at most those under way go beyond', () => {
    expect(waitOf([window({ state: 'exporting' }), window({ state: 'exporting' }), window()])).toBeUndefined();
  });

  it('guesses by the median of the five nearest windows whose size is known, which one odd neighbour does not move', () => {
    const before = NOON - 86_400_000;
    const today = done(70);
    const near = [20, 20, 900, 20, 20].map((megabytes) => done(megabytes, before));
    const far = Array.from({ length: 9 }, () => done(90, before));
    expect(waitOf([...far, ...near, window(), today])).toBeUndefined();
    expect(waitOf([...near, ...far, window(), today])).toBeDefined();
  });

  it.each([
    ['standard time', '2026-01-15T06:00:00Z', '2026-01-16T06:00:00.000Z'],
    ['daylight saving time', '2026-07-01T05:00:00Z', '2026-07-02T05:00:00.000Z'],
    ['the day of 23 hours', '2026-03-08T06:00:00Z', '2026-03-09T05:00:00.000Z'],
    ['the day of 25 hours', '2026-11-01T05:00:00Z', '2026-11-02T06:00:00.000Z'],
  ])('begins anew at midnight Central: %s', (_name, start, until) => {
    const midnight = Date.parse(start);
    const last = Date.parse(until) - 1;
    expect(waitOf([done(100, midnight), window()], last)?.until).toBe(until);
    expect(waitOf([done(100, midnight - 1), window()], midnight)).toBeUndefined();
    expect(waitOf([done(100, last), window()], last + 1)).toBeUndefined();
  });
});

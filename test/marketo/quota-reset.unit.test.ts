import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { nextQuotaAttempt } from '../../src/marketo/quota-reset.js';

const MINUTE = 60_000;

function at(text: string, random = 0): string {
  return nextQuotaAttempt(new Date(text), () => random).toISOString();
}

/** Time of day in Chicago as the platform's own tables have it, not luxon. */
function chicago(date: Date): { hour: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Chicago',
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
  });
  const parts = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, Number(value)]));
  return { hour: parts['hour'] ?? NaN, minute: parts['minute'] ?? NaN };
}

describe('nextQuotaAttempt', () => {
  it('waits for midnight in Chicago, in winter and in summer', () => {
    expect(at('2026-01-15T18:00:00Z')).toBe('2026-01-16T06:00:00.000Z');
    expect(at('2026-07-15T18:00:00Z')).toBe('2026-07-16T05:00:00.000Z');
  });

  it('waits to the real midnight on the days when the clocks change', () => {
    expect(at('2026-03-08T12:00:00Z')).toBe('2026-03-09T05:00:00.000Z');
    expect(at('2026-11-01T12:00:00Z')).toBe('2026-11-02T06:00:00.000Z');
    // Early enough on these days that the change is still to come.
    expect(at('2026-03-07T23:00:00Z')).toBe('2026-03-08T06:00:00.000Z');
    expect(at('2026-10-31T23:00:00Z')).toBe('2026-11-01T05:00:00.000Z');
  });

  it('adds up to five minutes, so that not all integrations call at once', () => {
    expect(at('2026-01-15T18:00:00Z', 0.5)).toBe('2026-01-16T06:02:30.000Z');
  });

  it('tries again in a quarter of an hour where the reset may be at the midnight of the other time', () => {
    expect(at('2026-07-15T05:00:00Z')).toBe('2026-07-15T05:15:00.000Z');
    expect(at('2026-07-15T06:59:59Z')).toBe('2026-07-15T07:14:59.000Z');
    expect(at('2026-07-15T07:00:00Z')).toBe('2026-07-16T05:00:00.000Z');
  });

  it('counts the two hours as they pass on the night when the clocks change', () => {
    // 02:00 CST is 03:00 CDT on this day.
    expect(at('2026-03-08T07:59:00Z')).toBe('2026-03-08T08:14:00.000Z');
    expect(at('2026-03-08T08:00:00Z')).toBe('2026-03-09T05:00:00.000Z');
    // 01:00 comes twice on this one.
    expect(at('2026-11-01T06:59:00Z')).toBe('2026-11-01T07:14:00.000Z');
    expect(at('2026-11-01T07:00:00Z')).toBe('2026-11-02T06:00:00.000Z');
  });

  it('at any time of many years, waits a quarter of an hour or to just after a midnight in Chicago', () => {
    const instants = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2045, 0) });
    const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(instants, randoms, (now, random) => {
        const next = nextQuotaAttempt(new Date(now), () => random);
        const wait = next.getTime() - now;
        const midnight = DateTime.fromMillis(now, { zone: 'America/Chicago' }).startOf('day').toMillis();
        if (now - midnight < 120 * MINUTE) {
          expect(wait).toBe(15 * MINUTE);
          return;
        }
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual((23 * 60 + 5) * MINUTE);
        const { hour, minute } = chicago(next);
        expect(hour).toBe(0);
        expect(minute).toBeLessThan(5);
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back after the reset within two days, wherever the reset is', () => {
    // Asked again as often as it says, it passes both midnights that the documents may mean with at most a quarter of an hour's delay.
    const starts = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) });
    fc.assert(
      fc.property(starts, fc.boolean(), (start, fixedOffset) => {
        const zone = fixedOffset ? 'UTC-6' : 'America/Chicago';
        const reset = DateTime.fromMillis(start, { zone }).plus({ days: 1 }).startOf('day').toMillis();
        let now = new Date(start);
        for (let attempts = 0; now.getTime() < reset; attempts++) {
          expect(attempts).toBeLessThan(20);
          now = nextQuotaAttempt(now, () => 0);
        }
        expect(now.getTime() - reset).toBeLessThanOrEqual(15 * MINUTE);
      }),
    );
  });
});

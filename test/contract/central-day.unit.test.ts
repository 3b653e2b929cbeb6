import { describe, expect, it } from '@jest/globals';
import { centralDate, centralDay } from '../../src/contract/central-day.js';

const HOUR = 3_600_000;

describe('the day of quotas', () => {
  it.each([
    ['2026-01-15T05:59:59Z', '2026-01-14T06:00:00Z', 24],
    ['2026-01-15T06:00:00Z', '2026-01-15T06:00:00Z', 24],
    ['2026-03-08T12:00:00Z', '2026-03-08T06:00:00Z', 23],
    ['2026-03-09T04:59:59Z', '2026-03-08T06:00:00Z', 23],
    ['2026-03-09T05:00:00Z', '2026-03-09T05:00:00Z', 24],
    ['2026-11-01T12:00:00Z', '2026-11-01T05:00:00Z', 25],
    ['2026-11-02T05:59:59Z', '2026-11-01T05:00:00Z', 25],
  ])('of %s begins %s and has %i hours', (moment, start, hours) => {
    const day = centralDay(Date.parse(moment));
    expect(new Date(day.start)).toEqual(new Date(start));
    expect((day.end - day.start) / HOUR).toBe(hours);
  });

  it('is called by its date in Chicago', () => {
    expect(centralDate('2026-01-15T05:59:59Z')).toBe('2026-01-14');
    expect(centralDate('2026-01-15T06:00:00Z')).toBe('2026-01-15');
  });
});

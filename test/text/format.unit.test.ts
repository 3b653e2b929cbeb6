import { describe, expect, it } from '@jest/globals';
import { count, days, duration, moment, plural, size } from '../../src/text/format.js';

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

describe('numbers for people', () => {
  it('have their digits grouped', () => {
    expect([0, 999, 1000, 1_234_567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
  });

  it('come with their noun, in the plural but for one', () => {
    expect([0, 1, 2000].map((number) => plural(number, 'lead'))).toEqual(['0 leads', '1 lead', '2,000 leads']);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9_949_999, '9.9 MB'],
    [9_950_000, '10 MB'],
    [812_300_000, '812 MB'],
    [999_499_999, '999 MB'],
    [999_500_000, '1.0 GB'],
    [1_204_000_000, '1.2 GB'],
    [12_345_000_000_000, '12 TB'],
    [5_000_000_000_000_000, '5,000 TB'],
  ])('%d bytes are %s', (bytes, expected) => {
    expect(size(bytes)).toBe(expected);
  });
});

describe('times for people', () => {
  it.each([
    [-5, '0 s'],
    [0.4, '0 s'],
    [45, '45 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [599.7, '10 min'],
    [12 * MINUTE + 5, '12 min'],
    [HOUR - 1, '1 h'],
    [2 * HOUR, '2 h'],
    [3 * HOUR + 5 * MINUTE, '3 h 5 min'],
    [DAY - 1, '1 d'],
    [2 * DAY + 4 * HOUR, '2 d 4 h'],
    [40 * DAY, '40 d'],
  ])('%d seconds are %s', (seconds, expected) => {
    expect(duration(seconds)).toBe(expected);
  });

  it('a moment is told to the minute', () => {
    expect(moment('2026-03-02T18:00:59.999Z')).toBe('2026-03-02 18:00 UTC');
  });

  it('a window is told by its days, and within one day by its hours', () => {
    expect(days({ startAt: '2016-08-01T05:00:00Z', endAt: '2016-08-31T23:59:59Z' })).toBe('2016-08-01 → 2016-08-31');
    expect(days({ startAt: '2016-08-01T05:00:00Z', endAt: '2016-08-01T11:59:59Z' })).toBe('2016-08-01 05:00 → 11:59');
  });
});

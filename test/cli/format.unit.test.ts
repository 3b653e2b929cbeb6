import { describe, expect, it } from '@jest/globals';
import { count, cut, duration, moment, oneLine, plural, size, withoutControls } from '../../src/cli/format.js';

describe('numbers for people', () => {
  it('groups digits and counts nouns', () => {
    expect(count(1234567)).toBe('1,234,567');
    expect(plural(1, 'lead')).toBe('1 lead');
    expect(plural(0, 'lead')).toBe('0 leads');
  });

  it.each([
    [0, '0.0 MB'],
    [14_249_999, '14.2 MB'],
    [999_949_999, '999.9 MB'],
    [1_204_000_000, '1.20 GB'],
  ])('writes %d bytes as %s', (bytes, expected) => {
    expect(size(bytes)).toBe(expected);
  });

  it.each([
    [-5, '0 s'],
    [0.4, '0 s'],
    [42, '42 s'],
    [60, '1 min'],
    [200, '3 min 20 s'],
    [8100, '2 h 15 min'],
    [7205, '2 h'],
    [273_600, '3 d 4 h'],
  ])('writes %d seconds as %s', (seconds, expected) => {
    expect(duration(seconds)).toBe(expected);
  });

  it('writes moments without fractions of a second', () => {
    expect(moment('2016-08-01T05:00:00.123Z')).toBe('2016-08-01 05:00:00Z');
  });
});

describe('text from outside', () => {
  it('cannot move the cursor, change colours or ring the bell', () => {
    expect(oneLine('a\u001b[2Jb\u0007c\r\n\td\u009b31m\u202ee')).toBe('a [2Jb c d 31m e');
  });

  it('keeps its line breaks where they are wanted', () => {
    expect(withoutControls('two\r\nlines\u0000')).toBe('two\nlines ');
  });

  it('is cut to a width, an ellipsis included', () => {
    expect(cut('windows', 7)).toBe('windows');
    expect(cut('windows', 6)).toBe('windo…');
  });
});

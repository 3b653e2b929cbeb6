import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseMarketoDate } from '../../src/marketo/marketo-date.js';

const EXPECTED = Date.UTC(2016, 7, 3, 22, 48, 5);

describe('parseMarketoDate', () => {
  it.each([
    ['the Asset API, with a Z before the offset', '2016-08-03T22:48:05Z+0000'],
    ['the lead database', '2016-08-03T22:48:05Z'],
    ['an offset with a colon', '2016-08-03T22:48:05+00:00'],
    ['Pacific time', '2016-08-03T14:48:05-08:00'],
    ['a Z before another offset', '2016-08-03T14:48:05Z-0800'],
    ['an offset of half an hour', '2016-08-04T04:18:05+0530'],
    ['fractions of zero', '2016-08-03T22:48:05.000Z'],
    ['no zone, which is GMT', '2016-08-03T22:48:05'],
    ['a space for the T', '2016-08-03 22:48:05Z'],
    ['a space and no zone', '2016-08-03 22:48:05'],
    ['a space before the offset', '2016-08-03 14:48:05 -0800'],
    ['spaces around', ' 2016-08-03T22:48:05Z+0000 '],
  ])('reads %s', (_, text) => {
    expect(parseMarketoDate(text)).toBe(EXPECTED);
  });

  it.each([
    ['2016-08-03T22:48:05.5Z', 500],
    ['2016-08-03T22:48:05.123456789Z+0000', 123],
  ])('reads the fraction of %s to the millisecond', (text, milliseconds) => {
    expect(parseMarketoDate(text)).toBe(EXPECTED + milliseconds);
  });

  it.each([
    '',
    'yesterday',
    '2016-08-03',
    '2016-02-30T00:00:00Z',
    '2016-13-01T00:00:00Z',
    '2016-08-03T24:00:00Z',
    '2016-08-03T22:48:60Z',
    '2016-08-03T22:48:05+99:00',
    '1470264485',
    1470264485,
    null,
    undefined,
  ])('reads nothing in %j', (text) => {
    expect(parseMarketoDate(text)).toBeUndefined();
  });

  it('reads every second of four centuries in any spelling, whatever the offset', () => {
    const seconds = fc.integer({ min: Date.UTC(1900, 0) / 1000, max: Date.UTC(2299, 11) / 1000 });
    const offsetMinutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
    fc.assert(
      fc.property(
        seconds,
        offsetMinutes,
        fc.constantFrom('', 'Z'),
        fc.constantFrom('', ':'),
        (instant, offset, z, colon) => {
          const local = new Date((instant + offset * 60) * 1000).toISOString().slice(0, 19);
          const [hours, minutes] = [Math.abs(offset) / 60, Math.abs(offset) % 60].map((part) =>
            String(Math.floor(part)).padStart(2, '0'),
          );
          const text = `${local}${z}${offset < 0 ? '-' : '+'}${String(hours)}${colon}${String(minutes)}`;
          expect(parseMarketoDate(text)).toBe(instant * 1000);
        },
      ),
    );
  });

  it('gives a number or nothing for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseMarketoDate(text)).not.toBeNaN();
      }),
    );
  });
});

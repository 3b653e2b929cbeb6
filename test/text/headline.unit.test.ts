import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Settings } from 'luxon';
import type { Wait } from '../../src/contract/progress.js';
import { doneSentence, headline } from '../../src/text/headline.js';
import { JANUARY, progress } from '../cli/samples.js';

const NOW = Date.parse('2024-07-01T12:00:00Z');
const QUOTA: Wait = {
  reason: 'exportQuota',
  message: 'The daily export quota is used up',
  since: '2024-07-01T11:00:00Z',
  until: '2024-07-02T05:02:00Z',
};

describe('the headline', () => {
  beforeAll(() => {
    Settings.defaultZone = 'Europe/Berlin';
  });
  afterAll(() => {
    Settings.defaultZone = 'system';
  });

  it('says what is waited for, in Central and local time, and how long that is still', () => {
    const current = [
      { ...JANUARY, wait: { ...QUOTA, until: '2024-07-02T05:04:00Z' } },
      { ...JANUARY, wait: QUOTA },
    ];
    expect(headline(progress({ current }), { now: NOW })).toBe(
      "Waiting for Marketo's daily export quota. Goes on at 00:02 Central (07:02 here), in 17 h 2 min.",
    );
  });

  it('counts nothing down where the text stays, and names the day: in the Web UI', () => {
    expect(headline(progress({ wait: QUOTA }), { zone: 'UTC' })).toBe(
      "Waiting for Marketo's daily export quota. Goes on 2 July at 00:02 Central (05:02 UTC).",
    );
  });

  it('says the time once where it is the same here', () => {
    Settings.defaultZone = 'America/Chicago';
    expect(headline(progress({ wait: QUOTA }), { now: NOW })).toContain('at 00:02 Central, in');
    Settings.defaultZone = 'Europe/Berlin';
  });

  it('tells other waits by their own message, on one line', () => {
    const wait: Wait = { reason: 'storageUnavailable', message: 'S3 is\nslow.', since: QUOTA.since };
    expect(headline(progress({ wait }))).toBe('S3 is slow.');
  });

  it('is that of the stage where windows wait for different things, with what failed and a pause', () => {
    const windows = { ...progress().windows, failed: 2 };
    const current = [{ ...JANUARY, wait: QUOTA }, JANUARY];
    expect(headline(progress({ current, windows, paused: true }))).toBe(
      'Exporting. 2 windows failed so far. Paused: no new window starts until `resume`.',
    );
    expect(headline(progress({ stage: 'merging', current: [] }))).toBe('Putting the output together.');
  });
});

describe('how far a run is', () => {
  it('is told with what is left, which the default quota bounds', () => {
    const estimate = { secondsLeft: 3600, bytesLeft: 1_200_000_000, quotaDays: 5 };
    expect(doneSentence(progress({ estimate }))).toBe('2 of 6 windows done, about 2 d left.');
    expect(doneSentence(progress({ estimate: { ...estimate, bytesLeft: 1 } }))).toBe(
      '2 of 6 windows done, about 1 h left.',
    );
    expect(doneSentence(progress())).toBe('2 of 6 windows done.');
  });
});

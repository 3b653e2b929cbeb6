import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isConcurrency, readInput } from '../../src/contract/input.js';

const NOW = Date.parse('2026-11-25T03:00:00.750Z');
const destination = 's3://bucket/leads.csv';

function problemsOf(input: unknown): readonly string[] {
  const reading = readInput(input, NOW);
  return 'problems' in reading ? reading.problems : [];
}

describe('readInput', () => {
  it('fills in the defaults of the contract', () => {
    expect(readInput({ destination }, NOW)).toEqual({
      request: {
        destination,
        endAtSeconds: Date.parse('2026-11-25T02:59:00Z') / 1000,
        concurrency: 1,
        windowDays: 31,
        windowOverlapSeconds: 0,
        poll: { initialMilliseconds: 60_000, maximumMilliseconds: 240_000 },
        keepParts: false,
        keepChanges: false,
        mode: 'full',
        onWindowFailure: 'fail',
        quoting: 'rfc4180',
        contentType: 'text/csv; charset=utf-8',
        tags: {},
      },
    });
  });

  it('gives an output the content type of its format', () => {
    expect(readInput({ destination: 's3://bucket/leads.parquet' }, NOW)).toMatchObject({
      request: { contentType: 'application/vnd.apache.parquet' },
    });
  });

  it('takes everything that the contract allows', () => {
    const reading = readInput(
      {
        destination,
        fields: ['email', 'utm_*'],
        startAt: '2020-01-01',
        endAt: '2020-06-30T23:59:59.9+02:00',
        concurrency: 10,
        windowOverlapSeconds: 3600,
        poll: { initialInterval: '5 seconds', maximumInterval: 10_000 },
        keepParts: true,
        onWindowFailure: 'wait',
        contentType: 'text/csv',
        tags: { team: 'ops' },
        excludeFields: ['utm_*', 'nothing'],
        windowDays: 1,
        megabytesPerDay: 1.5,
        minLeads: 0,
        quoting: 'asIs',
      },
      NOW,
    );
    expect(reading).toMatchObject({
      request: {
        excludeFields: ['utm_*', 'nothing'],
        windowDays: 1,
        megabytesPerDay: 1.5,
        minLeads: 0,
        quoting: 'asIs',
        startAtSeconds: Date.parse('2020-01-01T00:00:00Z') / 1000,
        endAtSeconds: Date.parse('2020-06-30T21:59:59Z') / 1000,
        poll: { initialMilliseconds: 5000, maximumMilliseconds: 10_000 },
      },
    });
  });

  it('reads a date-time without a zone as UTC', () => {
    const reading = readInput({ destination, startAt: '2020-01-01T12:00:00' }, NOW);
    expect(reading).toMatchObject({ request: { startAtSeconds: Date.parse('2020-01-01T12:00:00Z') / 1000 } });
  });

  it.each([
    ['destination', { destination: 'http://bucket/key' }],
    ['destination', { destination: 's3://bucket' }],
    ['destination', { destination: 's3://bucket/' }],
    ['destination', { destination: `s3://bucket/${'é'.repeat(451)}` }],
    ['destination', {}],
    ['fields', { destination, fields: [] }],
    ['fields', { destination, fields: ['email', 'email'] }],
    ['fields', { destination, fields: 'email' }],
    ['startAt', { destination, startAt: 'yesterday' }],
    ['startAt', { destination, startAt: '2023-02-30T00:00:00Z' }],
    ['startAt', { destination, startAt: '2026-11-25T02:59:00Z' }],
    ['startAt', { destination, startAt: '2020-01-02', endAt: '2020-01-01' }],
    ['endAt', { destination, endAt: '2026-11-25T03:00:01Z' }],
    ['concurrency', { destination, concurrency: 0 }],
    ['concurrency', { destination, concurrency: 11 }],
    ['concurrency', { destination, concurrency: 1.5 }],
    ['concurrency', { destination, concurrency: '2' }],
    ['windowOverlapSeconds', { destination, windowOverlapSeconds: 3601 }],
    ['windowOverlapSeconds', { destination, windowOverlapSeconds: -1 }],
    ['excludeFields', { destination, excludeFields: ['email', 'id'] }],
    ['excludeFields', { destination, excludeFields: 'email' }],
    ['excludeFields', { destination, excludeFields: [''] }],
    ['windowDays', { destination, windowDays: 0 }],
    ['windowDays', { destination, windowDays: 32 }],
    ['windowDays', { destination, windowDays: 1.5 }],
    ['megabytesPerDay', { destination, megabytesPerDay: 0.9 }],
    ['megabytesPerDay', { destination, megabytesPerDay: Infinity }],
    ['megabytesPerDay', { destination, megabytesPerDay: '500' }],
    ['minLeads', { destination, minLeads: -1 }],
    ['minLeads', { destination, minLeads: 0.5 }],
    ['poll', { destination, poll: { initialInterval: 'soon' } }],
    ['poll', { destination, poll: { initialInterval: '5 minutes' } }],
    ['poll', { destination, poll: { initialInterval: '0 s' } }],
    ['poll', { destination, poll: { initialInterval: '' } }],
    ['poll', { destination, poll: { initialInterval: '5' } }],
    ['poll', { destination, poll: { initialInterval: 'x'.repeat(200) } }],
    ['poll', { destination, poll: { initialInterval: '100 years', maximumInterval: '100 years' } }],
    ['poll', { destination, poll: { maximumInterval: 86_400_001 } }],
    ['poll', { destination, poll: { maximumInterval: Infinity } }],
    ['poll', { destination, poll: { maximumInterval: `${'9'.repeat(45)} y` } }],
    ['poll', { destination, poll: { interval: '1 s' } }],
    ['keepParts', { destination, keepParts: 'yes' }],
    ['onWindowFailure', { destination, onWindowFailure: 'retry' }],
    ['quoting', { destination, quoting: 'RFC4180' }],
    ['quoting', { destination: 's3://bucket/leads.parquet', quoting: 'asIs' }],
    ['contentType', { destination, contentType: 'csv' }],
    ['tags', { destination, tags: { a: 1 } }],
    ['tags', { destination, tags: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, 'v'])) }],
  ])('refuses a wrong %s, naming it and what is valid: %j', (key, input) => {
    const problems = problemsOf(input);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${key}: got .+; valid is .+`));
  });

  it('names every mistake at once, unknown keys included', () => {
    const problems = problemsOf({ destination: 'x', concurrency: 99, concurency: 1, keepParts: 3 });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(
      expect.arrayContaining(['destination', 'concurrency', '"concurency"', 'keepParts']),
    );
    expect(problems).toHaveLength(4);
  });

  it('answers anything at all with a request or with problems', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        const reading = readInput(input, NOW);
        expect('request' in reading || reading.problems.length > 0).toBe(true);
      }),
    );
  });
});

describe('isConcurrency', () => {
  it('takes whole numbers from 1 to 10 and nothing else', () => {
    expect([1, 5, 10].every(isConcurrency)).toBe(true);
    expect([0, 11, 1.5, NaN, '3', undefined, null].some(isConcurrency)).toBe(false);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CREATE, errorOf, Instance, JANUARY, type Answer } from './instance.js';

let instance: Instance;

beforeAll(async () => {
  instance = await Instance.start();
});

afterAll(async () => {
  await instance.close();
});

const over = (startAt: unknown, endAt: unknown): object => ({ ...CREATE, filter: { createdAt: { startAt, endAt } } });

describe('create', () => {
  it('answers as documented', async () => {
    const { result = [], success } = await instance.create();
    expect(success).toBe(true);
    expect(result).toEqual([
      {
        exportId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        format: 'CSV',
        status: 'Created',
        createdAt: '2024-10-27T00:00:00Z',
      },
    ]);
  });

  it.each([
    ['exactly 31 days', over('2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z')],
    ['one second', over('2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z')],
    ['dates with an offset', over('2024-01-01T01:00:00+01:00', '2024-01-01T00:00:00-0500')],
    ['dates without a zone', over('2024-01-01T00:00:00', '2024-01-02T00:00:00')],
    ['no format', { fields: ['id'], filter: { createdAt: JANUARY } }],
    ['the last change', { ...CREATE, filter: { updatedAt: JANUARY } }],
  ])('takes %s', async (_, body) => {
    expect((await instance.create(body)).success).toBe(true);
  });

  it.each<[string, unknown, string | RegExp]>([
    ['no filter', { fields: ['id'] }, /^1002 .*'filter'/],
    ['an empty filter', { fields: ['id'], filter: {} }, '1003 Exactly one filter is required'],
    [
      'two filters',
      { fields: ['id'], filter: { createdAt: JANUARY, staticListId: 1 } },
      '1003 Exactly one filter is required',
    ],
    ['an unknown filter', { fields: ['id'], filter: { created: JANUARY } }, "1003 Invalid filter 'created'"],
    [
      'a filter that the subscription lacks',
      { fields: ['id'], filter: { smartListId: 1 } },
      '1035 Unsupported filter type for target subscription',
    ],
    ['no fields', { filter: { createdAt: JANUARY } }, /^1002 .*'fields'/],
    ['an empty list of fields', { ...CREATE, fields: [] }, /^1002 .*'fields'/],
    ['fields that are no list', { ...CREATE, fields: 'id' }, /^1002 .*'fields'/],
    ['unknown fields', { ...CREATE, fields: ['id', 'site', 'Email', 'nope'] }, '1003 Invalid fields [Email, nope]'],
    ['a field twice', { ...CREATE, fields: ['id', 'id'] }, '1003 A field is listed twice'],
    ['an unknown format', { ...CREATE, format: 'XML' }, '1003 Invalid format'],
    ['a filter without range', { fields: ['id'], filter: { createdAt: null } }, /^1002 /],
    ['no start', over(undefined, '2024-01-31T00:00:00Z'), /^1002 /],
    ['no end', over('2024-01-31T00:00:00Z', undefined), /^1002 /],
    ['a range of 31 days and a second', over('2024-01-01T00:00:00Z', '2024-02-01T00:00:01Z'), /^1003 .*31 days/],
    ['an end before the start', over('2024-01-02T00:00:00Z', '2024-01-01T00:00:00Z'), /^1003 /],
    [
      'a range of changes of 31 days and a second',
      { ...CREATE, filter: { updatedAt: { startAt: '2024-01-01T00:00:00Z', endAt: '2024-02-01T00:00:01Z' } } },
      /^1003 .*31 days/,
    ],
    ['two ranges', { ...CREATE, filter: { createdAt: JANUARY, updatedAt: JANUARY } }, /^1003 Exactly one filter/],
    ['milliseconds', over('2024-01-01T00:00:00.000Z', '2024-01-02T00:00:00Z'), /^704 Invalid date format/],
    ['a day', over('2024-01-01', '2024-01-02'), /^704 /],
    ['a day that there is not', over('2024-01-01T00:00:00Z', '2024-13-01T00:00:00Z'), /^704 /],
    ['bad JSON', '{"fields": ["id"', '609 Invalid JSON'],
    ['JSON that is no object', '[]', /^1002 /],
    ['null', 'null', '609 Invalid JSON'],
  ])('refuses %s', async (_, body, error) => {
    const answer = errorOf(await instance.create(body));
    if (typeof error === 'string') expect(answer).toBe(error);
    else expect(answer).toMatch(error);
  });

  it('refuses the last change where the subscription lacks that filter', async () => {
    instance.simulator.change({ withoutUpdatedAt: true });
    const answer = await instance.create({ ...CREATE, filter: { updatedAt: JANUARY } });
    instance.simulator.change({ withoutUpdatedAt: false });
    expect(errorOf(answer)).toBe('1035 Unsupported filter type for target subscription');
  });

  it.each(['TSV', 'SSV'])('does not pretend to know %s, which it could only write as CSV', async (format) => {
    expect(errorOf(await instance.create({ ...CREATE, format }))).toMatch(/^1003 .*CSV/);
  });

  it('does not pretend to rename columns', async () => {
    expect(errorOf(await instance.create({ ...CREATE, columnHeaderNames: { id: 'Id' } }))).toMatch(/^1003 /);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded'])('refuses the content type %s', async (type) => {
    const init = { method: 'POST', body: JSON.stringify(CREATE), headers: { 'content-type': type } };
    const answer = await instance.fetch('/bulk/v1/leads/export/create.json', init);
    expect(errorOf((await answer.json()) as Answer)).toBe('612 Invalid Content Type');
  });

  it('refuses more than 1 MB with HTTP 413', async () => {
    const statusOf = async (bytes: number): Promise<number> => {
      const init = {
        method: 'POST',
        body: JSON.stringify(CREATE).padEnd(bytes),
        headers: { 'content-type': 'application/json' },
      };
      return (await instance.fetch('/bulk/v1/leads/export/create.json', init)).status;
    };
    expect(await statusOf(1_000_000)).toBe(200);
    expect(await statusOf(1_000_001)).toBe(413);
  });

  it('makes no job of what it refuses', async () => {
    const before = instance.simulator.jobs.all.length;
    await instance.create({ ...CREATE, fields: ['nope'] });
    expect(instance.simulator.jobs.all).toHaveLength(before);
  });
});

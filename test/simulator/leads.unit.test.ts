import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorOf, Instance } from './instance.js';

const PATH = '/rest/v1/leads.json';
const FIRST_300 = Array.from({ length: 300 }, (_, index) => index + 1).join(',');

let instance: Instance;

beforeAll(async () => {
  instance = await Instance.start({ olderLeads: 3 });
});

afterAll(async () => {
  await instance.close();
});

/** The ids that there are among the first 300. */
function lowIds(): number[] {
  const { leads } = instance.simulator;
  return Array.from({ length: leads.leads }, (_, index) => leads.id(index))
    .filter((id) => id <= 300)
    .sort((a, b) => a - b);
}

describe('leads by id', () => {
  it('are those that there are, with the fields that were asked for', async () => {
    const { success, result = [] } = await instance.get(
      `${PATH}?filterType=id&filterValues=${FIRST_300}&fields=id,createdAt`,
    );
    expect(success).toBe(true);
    expect(result.map(({ id }) => id)).toEqual(lowIds());
    expect(result.length).toBeGreaterThan(50);
    const { leads } = instance.simulator;
    for (const lead of result) {
      const index = leads.indexOf(Number(lead['id'])) ?? NaN;
      expect(lead).toEqual({
        id: leads.id(index),
        createdAt: new Date(leads.createdAt(index)).toISOString().replace('.000Z', 'Z'),
      });
    }
    const oldest = result.map(({ createdAt }) => String(createdAt)).sort()[0];
    expect(oldest && oldest < '2024-01-01').toBe(true);
  });

  it('have six fields unless others are asked for, and null where there is nothing', async () => {
    const [id = 0] = lowIds();
    const plain = await instance.get(`${PATH}?filterType=id&filterValues=${id}`);
    expect(Object.keys(plain.result?.[0] ?? {}).sort()).toEqual(
      ['createdAt', 'email', 'firstName', 'id', 'lastName', 'updatedAt'].sort(),
    );
    const all = await instance.get(`${PATH}?filterType=id&filterValues=${FIRST_300}&fields=dateOfBirth,ecids`);
    expect(all.result).toContainEqual({ dateOfBirth: null, ecids: null });
  });

  it('are an empty result where there are none', async () => {
    expect(await instance.get(`${PATH}?filterType=id&filterValues=999999`)).toEqual({
      requestId: expect.any(String),
      success: true,
      result: [],
    });
  });

  it('come in pages by a token', async () => {
    const ids: unknown[] = [];
    let token = '';
    for (let pages = 0; pages < 100; pages++) {
      const answer = await instance.get(`${PATH}?filterType=id&filterValues=${FIRST_300}&batchSize=40${token}`);
      expect(answer.result?.length).toBeLessThanOrEqual(40);
      ids.push(...(answer.result ?? []).map(({ id }) => id));
      if (answer.nextPageToken === undefined) break;
      token = `&nextPageToken=${encodeURIComponent(answer.nextPageToken)}`;
    }
    expect(ids).toEqual(lowIds());
  });

  it.each([
    ['no filter type', 'filterValues=1', /^1002 .*'filterType'/],
    ['no values', 'filterType=id', /^1002 .*'filterValues'/],
    ['another filter', 'filterType=email&filterValues=a@example.com', /^1003 .*'email'/],
    ['301 values', `filterType=id&filterValues=${FIRST_300},301`, /^1003 .*300/],
    ['an id that is no number', 'filterType=id&filterValues=1,two', /^1001 Invalid value 'two'/],
    ['a field that there is not', 'filterType=id&filterValues=1&fields=id,nope', "1006 Field 'nope' not found"],
    ['301 a page', 'filterType=id&filterValues=1&batchSize=301', /^1001 /],
    ['none a page', 'filterType=id&filterValues=1&batchSize=0', /^1001 /],
    ['a page that is no number', 'filterType=id&filterValues=1&batchSize=many', /^1001 Invalid value 'many'/],
    ['a token of its own', 'filterType=id&filterValues=1&nextPageToken=abc', /^1003 .*nextPageToken/],
  ])('are refused with %s', async (_, query, error) => {
    const refusal = errorOf(await instance.get(`${PATH}?${query}`));
    if (typeof error === 'string') expect(refusal).toBe(error);
    else expect(refusal).toMatch(error);
  });

  it('need a token as all calls do', async () => {
    const answer = await instance.fetch(`${PATH}?filterType=id&filterValues=1`, {
      headers: { authorization: 'Bearer made-up' },
    });
    expect(errorOf((await answer.json()) as Parameters<typeof errorOf>[0])).toBe('601 Access token invalid');
  });
});

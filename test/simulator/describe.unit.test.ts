import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorOf, Instance, type Answer } from './instance.js';

const PATH = '/rest/asset/v1/folders.json';

let instance: Instance;

beforeAll(async () => {
  instance = await Instance.start();
});

afterAll(async () => {
  await instance.close();
});

function createdAtOf({ result = [] }: Answer): string[] {
  return result.map(({ createdAt }) => String(createdAt));
}

describe('folders', () => {
  it('come 20 a page unless asked otherwise, 200 at most', async () => {
    expect((await instance.get(`${PATH}?maxDepth=1`)).result).toHaveLength(20);
    expect((await instance.get(`${PATH}?maxDepth=1&maxReturn=200`)).result).toHaveLength(45);
    expect(errorOf(await instance.get(`${PATH}?maxReturn=201`))).toMatch(/^1001 /);
    expect(errorOf(await instance.get(`${PATH}?offset=first`))).toMatch(/^1001 Invalid value 'first'/);
  });

  it('hold the oldest one beyond the first page', async () => {
    const first = createdAtOf(await instance.get(PATH));
    const all = createdAtOf(await instance.get(`${PATH}?maxReturn=200`));
    const oldest = [...all].sort()[0];
    expect(oldest).toBe('2024-01-01T00:00:00Z+0000');
    expect(first).not.toContain(oldest);
    expect(all.slice(0, 20)).toEqual(first);
  });

  it('are each on one page', async () => {
    const names: unknown[] = [];
    for (let offset = 0; offset < 60; offset += 20) {
      names.push(...((await instance.get(`${PATH}?offset=${offset}`)).result ?? []).map(({ name }) => name));
    }
    expect(new Set(names).size).toBe(45);
    expect(names).toHaveLength(45);
  });

  it('spell dates with Z and an offset both', async () => {
    for (const date of createdAtOf(await instance.get(PATH)))
      expect(date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\+0000$/);
  });

  it('have no result at all behind the last page, and a warning that is a string', async () => {
    const answer = await instance.get(`${PATH}?offset=45`);
    expect(answer).toMatchObject({
      success: true,
      errors: [],
      warnings: ['No assets found for the given search criteria.'],
    });
    expect(answer).not.toHaveProperty('result');
  });

  it('are the root alone at depth 0', async () => {
    expect((await instance.get(`${PATH}?maxDepth=0`)).result).toHaveLength(1);
  });
});

describe('Describe Lead 2', () => {
  it('gives one element with the fields', async () => {
    const { success, result = [] } = await instance.get('/rest/v1/leads/describe2.json');
    expect(success).toBe(true);
    expect(result).toHaveLength(1);
    expect(result[0]).toMatchObject({ name: 'API Lead', searchableFields: [['email'], ['id']] });
    const fields = result[0]?.['fields'] as Record<string, unknown>[];
    for (const field of fields) {
      expect(field).toEqual({
        name: expect.any(String),
        displayName: expect.any(String),
        dataType: expect.any(String),
        updateable: expect.any(Boolean),
        crmManaged: false,
        ...('length' in field && { length: expect.any(Number) }),
      });
    }
    const names = fields.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['id', 'email', 'createdAt', 'updatedAt', 'Active__c', 'utm_source']));
    expect(names[0]).not.toBe('id');
  });

  it('tells of a field that export refuses', async () => {
    const fields = (await instance.get('/rest/v1/leads/describe2.json')).result?.[0]?.['fields'] as { name: string }[];
    expect(fields.map(({ name }) => name)).toContain('Shadow__c');
    expect(errorOf(await instance.create({ fields: ['id', 'Shadow__c'], filter: { createdAt: {} } }))).toBe(
      '1003 Invalid fields [Shadow__c]',
    );
  });
});

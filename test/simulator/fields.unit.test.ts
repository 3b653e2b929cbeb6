import { describe, expect, it } from '@jest/globals';
import type { SimulatorOptions } from '../../simulator/options.js';
import { ask, steer, tell } from './control.js';
import { CREATE, errorOf, JANUARY, withInstance, type Instance } from './instance.js';

const DESCRIBE = '/rest/v1/leads/describe.json';
const RANGE = `startAt=${JANUARY.startAt}&endAt=${JANUARY.endAt}`;

async function describedBy2(instance: Instance): Promise<string[]> {
  const { result } = await instance.get('/rest/v1/leads/describe2.json');
  return (result?.[0]?.['fields'] as { name: string }[]).map(({ name }) => name);
}

async function described(instance: Instance): Promise<string[]> {
  const { result = [] } = await instance.get(DESCRIBE);
  return result.flatMap(({ rest }) => (rest as { name: string } | undefined)?.name ?? []);
}

/** A file over January with these fields, and what the instance says that it must be. */
async function fileAndTruth(instance: Instance, fields: readonly string[]): Promise<[string, string]> {
  const exportId = await instance.completed({ ...CREATE, fields });
  const text = await (await instance.file(exportId)).text();
  const truth = await ask(instance, `expected?${RANGE}&fields=${fields.join(',')}`);
  return [text.trimEnd(), truth.trimEnd()];
}

function header(text: string): string {
  return text.slice(0, text.indexOf('\n'));
}

describe('Describe Lead', () => {
  it('tells of each field on its own, and of those that are no REST fields without a name', async () => {
    await withInstance({}, async (instance) => {
      const { result = [] } = await instance.get(DESCRIBE);
      for (const { rest, ...field } of result) {
        expect(field).toEqual({
          id: expect.any(Number),
          displayName: expect.any(String),
          dataType: expect.any(String),
          ...('length' in field && { length: expect.any(Number) }),
          soap: { name: expect.any(String), readOnly: expect.any(Boolean) },
        });
        if (rest !== undefined) expect(rest).toEqual({ name: expect.any(String), readOnly: expect.any(Boolean) });
      }
      expect(result.filter(({ rest }) => rest === undefined)).toHaveLength(1);
      expect(new Set(result.map(({ id }) => id)).size).toBe(result.length);
      expect(await described(instance)).toEqual(await describedBy2(instance));
    });
  });

  it('has fields that Describe Lead 2 lacks where it is told to, and they are exported', async () => {
    await withInstance({ describe2Lacks: ['title', 'city'] }, async (instance) => {
      const both = await describedBy2(instance);
      expect((await described(instance)).filter((name) => !both.includes(name)).sort()).toEqual(['city', 'title']);
      const [text, truth] = await fileAndTruth(instance, ['id', 'city']);
      expect(text).toBe(truth);
    });
  });

  it('is there where Describe Lead 2 answers 610', async () => {
    await withInstance({ withoutDescribe2: true }, async (instance) => {
      expect(errorOf(await instance.get('/rest/v1/leads/describe2.json'))).toBe('610 Requested resource not found');
      expect(await described(instance)).toContain('email');
    });
  });
});

describe('fields of an instance', () => {
  it('hold ecids, which no Describe lists, only where they are asked for', async () => {
    await withInstance({}, async (instance) => {
      expect([...(await described(instance)), ...(await describedBy2(instance))]).not.toContain('ecids');
      expect(header(await ask(instance, `expected?${RANGE}`))).not.toContain('ecids');
      const [text, truth] = await fileAndTruth(instance, ['id', 'ecids']);
      expect(text).toBe(truth);
      expect(text).toMatch(/^id,ecids\n/);
      expect(text).toMatch(/,\d{38}\n/);
    });
  });

  it.each<[Partial<SimulatorOptions>, string]>([
    [{ formulaFields: 'null' }, 'id,Shadow__c,email'],
    [{ formulaFields: 'dropped' }, 'id,email'],
  ])('hold a formula field that the export treats as told: %j', async (options, columns) => {
    await withInstance(options, async (instance) => {
      expect(await describedBy2(instance)).toContain('Shadow__c');
      const [text, truth] = await fileAndTruth(instance, ['id', 'Shadow__c', 'email']);
      expect(header(text)).toBe(columns);
      expect(text).toBe(truth);
      expect(header(await ask(instance, `expected?${RANGE}`)).includes('Shadow__c')).toBe(
        columns.includes('Shadow__c'),
      );
    });
  });

  it.each([
    ['1003', '1003 Invalid fields [title, site]'],
    ['1006', "1006 Field 'title' not found"],
  ])('go away while jobs are made; a create that names them is told %s', async (unknownFieldCode, error) => {
    await withInstance({}, async (instance) => {
      const body = { ...CREATE, fields: ['id', 'title', 'site'] };
      const before = await instance.created(body);
      await steer(instance, 'switches', { unknownFieldCode });
      await steer(instance, 'fields', { drop: ['title'], rename: { site: 'location' } });
      expect(errorOf(await instance.create(body))).toBe(error);
      for (const names of [await described(instance), await describedBy2(instance)]) {
        expect(names).toEqual(expect.arrayContaining(['location']));
        expect(names).not.toContain('title');
        expect(names).not.toContain('site');
      }
      const [text, truth] = await fileAndTruth(instance, ['id', 'location']);
      expect(text).toBe(truth);
      // A job that was created before has them still.
      await instance.enqueue(before);
      await instance.run(before);
      expect(header(await (await instance.file(before)).text())).toBe('id,title,site');
    });
  });

  it('can only go away where they are there', async () => {
    await withInstance({}, async (instance) => {
      for (const body of [{ drop: ['nope'] }, { rename: { nope: 'yes' } }]) {
        const answer = await tell(instance, 'fields', body);
        expect([answer.status, await answer.text()]).toEqual([400, 'There is no field nope']);
      }
    });
  });

  it('make a header of more than 64 KiB where there are 700 more', async () => {
    await withInstance({ extraFields: 700, leads: 10 }, async (instance) => {
      const fields = (await describedBy2(instance)).filter((name) => name !== 'Shadow__c');
      const [text] = await fileAndTruth(instance, fields);
      expect(Buffer.byteLength(header(text))).toBeGreaterThan(64 * 1024);
      expect(header(text).split(',')).toEqual(fields);
    });
  });
});

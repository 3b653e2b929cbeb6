import { describe, expect, it } from '@jest/globals';
import { faultHelp } from '../../simulator/fault-kinds.js';
import { ENDPOINTS } from '../../simulator/faults.js';
import { defaultSwitches, SWITCHES } from '../../simulator/switches.js';
import { ask, steer, tell } from './control.js';
import { CREATE, errorOf, withInstance, type Answer, type Instance } from './instance.js';

const FOLDERS = '/rest/asset/v1/folders.json';
const STATUS = (exportId: string): string => `/bulk/v1/leads/export/${exportId}/status.json`;

/** Calls an instance with the token of its second API user. */
async function asOther(instance: Instance): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const query = 'grant_type=client_credentials&client_id=other&client_secret=other-secret';
  const answer = await fetch(`${instance.simulator.url}/identity/oauth/token?${query}`);
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    return instance.fetch(path, { ...init, headers });
  };
}

const errorFrom = async (answer: Response): Promise<string | undefined> => errorOf((await answer.json()) as Answer);

describe('two instances', () => {
  it.each([
    ['1013', 200],
    ['610', 200],
    ['404', 404],
  ] as const)('know nothing of each other: a job of the one is %s at the other', async (unknownJob, status) => {
    await withInstance({ host: '127.0.0.1', seed: 1 }, async (one) => {
      await withInstance({ host: '127.0.0.2', seed: 2, unknownJob, idBase: 1_000_000 }, async (other) => {
        expect(new URL(one.simulator.url).host).not.toBe(new URL(other.simulator.url).host);
        const exportId = await one.completed();
        const answer = await other.fetch(STATUS(exportId));
        expect(answer.status).toBe(status);
        expect(await errorFrom(answer)).toBe(`${unknownJob} Export job ${exportId} not found`);
        expect((await other.file(exportId)).status).toBe(404);
        expect(errorOf(await other.enqueue(exportId))).toMatch(new RegExp(`^${unknownJob} `));
      });
    });
  });

  it('have other leads and other tokens', async () => {
    await withInstance({ seed: 1 }, async (one) => {
      await withInstance({ seed: 2, idBase: 1_000_000 }, async (other) => {
        const ids = async (instance: Instance): Promise<string[]> =>
          (await ask(instance, 'ids?startAt=2024-01-01T00:00:00Z&endAt=2024-12-31T00:00:00Z')).trimEnd().split('\n');
        const known = new Set(await ids(one));
        expect((await ids(other)).filter((id) => known.has(id))).toEqual([]);
        const token = one.simulator.identity.issue().access_token;
        const answer = await other.fetch(FOLDERS, { headers: { authorization: `Bearer ${token}` } });
        expect(await errorFrom(answer)).toBe('601 Access token invalid');
      });
    });
  });
});

describe('a second API user of an instance', () => {
  const options = { otherClientId: 'other', otherClientSecret: 'other-secret' };

  it('sees no job of the first one, and the first one none of its', async () => {
    await withInstance(options, async (instance) => {
      const other = await asOther(instance);
      const exportId = await instance.completed();
      expect(await errorFrom(await other(STATUS(exportId)))).toMatch(/^1013 /);
      expect((await other(`/bulk/v1/leads/export/${exportId}/file.json`)).status).toBe(404);
      const cancel = await other(`/bulk/v1/leads/export/${exportId}/cancel.json`, { method: 'POST' });
      expect(await errorFrom(cancel)).toMatch(/^1013 /);
      expect(((await (await other('/bulk/v1/leads/export.json')).json()) as Answer).result).toBeUndefined();

      const init = { method: 'POST', body: JSON.stringify(CREATE), headers: { 'content-type': 'application/json' } };
      const created = (await (await other('/bulk/v1/leads/export/create.json', init)).json()) as Answer;
      const own = String(created.result?.[0]?.['exportId']);
      expect((await other(STATUS(own))).status).toBe(200);
      expect(errorOf(await instance.get(STATUS(own)))).toMatch(/^1013 /);
      expect((await instance.list()).result?.map((job) => job['exportId'])).toEqual([exportId]);
    });
  });

  it('takes places in the same queue', async () => {
    await withInstance(options, async (instance) => {
      const other = await asOther(instance);
      const init = { method: 'POST', body: JSON.stringify(CREATE), headers: { 'content-type': 'application/json' } };
      for (let job = 0; job < 10; job++) {
        const created = (await (await other('/bulk/v1/leads/export/create.json', init)).json()) as Answer;
        const exportId = String(created.result?.[0]?.['exportId']);
        await other(`/bulk/v1/leads/export/${exportId}/enqueue.json`, { method: 'POST' });
      }
      expect(errorOf(await instance.enqueue(await instance.created()))).toBe('1029 Too many jobs (10) in queue');
    });
  });

  it('sees the folders of its workspace alone, all of them younger than the oldest', async () => {
    await withInstance(options, async (instance) => {
      const other = await asOther(instance);
      const { result = [] } = (await (await other(`${FOLDERS}?maxReturn=200`)).json()) as Answer;
      expect(result.length).toBeGreaterThan(0);
      expect(new Set(result.map(({ workspace }) => workspace))).toEqual(new Set(['Europe']));
      expect(result.map(({ createdAt }) => createdAt)).not.toContain('2024-01-01T00:00:00Z+0000');
    });
  });
});

describe('the calls of a day', () => {
  it('end with 607, and come back at midnight Central', async () => {
    await withInstance({ dailyCalls: 3, now: Date.parse('2024-06-13T04:59:59Z') }, async (instance) => {
      for (let call = 1; call <= 3; call++) expect((await instance.list()).success).toBe(true);
      expect(errorOf(await instance.list())).toBe('607 Daily quota reached');
      expect(errorOf(await instance.get(FOLDERS))).toBe('607 Daily quota reached');
      instance.jump(1);
      expect((await instance.list()).success).toBe(true);
    });
  });

  it('are not those of identity, nor those with a bad token', async () => {
    await withInstance({ dailyCalls: 1 }, async (instance) => {
      await asOther(instance);
      await instance.fetch(FOLDERS, { headers: { authorization: 'Bearer made-up' } });
      expect((await instance.list()).success).toBe(true);
      expect(errorOf(await instance.list())).toMatch(/^607 /);
    });
  });

  it('are 50,000 unless told otherwise', () => {
    expect(defaultSwitches().dailyCalls).toBe(50_000);
  });
});

describe('identity', () => {
  it('tells its seconds as a string where a fault says so', async () => {
    await withInstance({}, async (instance) => {
      instance.simulator.faults.inject({ endpoint: 'identity', nth: 1, effect: { kind: 'expiresInAsText' } });
      const query = 'grant_type=client_credentials&client_id=simulator-client&client_secret=simulator-secret';
      const ask = async (): Promise<unknown> =>
        (await fetch(`${instance.simulator.url}/identity/oauth/token?${query}`)).json();
      expect(await ask()).toMatchObject({ expires_in: expect.stringMatching(/^\d+$/) });
      expect(await ask()).toMatchObject({ expires_in: expect.any(Number) });
    });
  });
});

describe('texts of 1029', () => {
  it('are those that were seen, the quota in it as it is', async () => {
    await withInstance({ dailyQuotaBytes: 2_000_000_000 }, async (instance) => {
      instance.simulator.jobs.exhaustQuota();
      expect(errorOf(await instance.create())).toBe('1029 Export daily quota 2000MB exceeded.');
    });
  });

  it('are those of the documentation where they are switched', async () => {
    await withInstance({ texts1029: 'documented' }, async (instance) => {
      const exportId = await instance.created();
      instance.simulator.jobs.foreignQueued = 10;
      expect(errorOf(await instance.enqueue(exportId))).toBe('1029 Too many jobs in queue');
      instance.simulator.jobs.exhaustQuota();
      expect(errorOf(await instance.enqueue(exportId))).toBe('1029 Export daily quota exceeded');
    });
  });
});

describe('switches', () => {
  it('are told with the state, and changed one by one', async () => {
    await withInstance({ folderPageSize: 30 }, async (instance) => {
      await steer(instance, 'switches', { unknownFieldCode: '1006' });
      const { switches } = JSON.parse(await ask(instance, 'state')) as { switches: object };
      expect(switches).toEqual({ ...defaultSwitches(), folderPageSize: 30, unknownFieldCode: '1006' });
    });
  });

  it.each([
    [{ nothing: 1 }, /^nothing is no switch; there are folderPageSize, /],
    [{ folderPageSize: 'many' }, /^many is not a number/],
    [{ folderDates: 'odd' }, /^odd is none of documented, someNull/],
    [{ foldersRepeat: 'yes' }, /^yes is neither true nor false/],
    [{ describe2Lacks: [1] }, /^names are a list of strings/],
    [null, /^Switches are an object/],
  ])('that are not understood are refused: %j', async (switches, message) => {
    await withInstance({}, async (instance) => {
      const answer = await tell(instance, 'switches', switches);
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(message)]);
    });
  });

  it('are read from the command line as from JSON', () => {
    expect(SWITCHES.folderPageSize.read('20')).toBe(20);
    expect(SWITCHES.describe2Lacks.read('title,city')).toEqual(['title', 'city']);
    expect(() => SWITCHES.dailyCalls.read('')).toThrow(TypeError);
  });
});

describe('the help', () => {
  it('tells of each kind of fault, what it meets and what it takes', () => {
    const help = faultHelp(ENDPOINTS);
    expect(help).toMatch(/^ {2}job {7}wrongFileSize \{by\} +fileSize is off by so many bytes/m);
    expect(help).toContain('describeJson');
  });
});

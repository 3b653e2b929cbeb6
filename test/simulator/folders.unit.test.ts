import { describe, expect, it } from '@jest/globals';
import { steer } from './control.js';
import { FROM, withInstance, type Answer, type Instance } from './instance.js';

const PATH = '/rest/asset/v1/folders.json';
const OLDEST = '2024-01-01T00:00:00Z+0000';

function page(instance: Instance, query: string): Promise<Answer> {
  return instance.get(`${PATH}?maxDepth=1&${query}`);
}

/** All folders as a client finds them that goes on by what it got, up to the empty page. */
async function paged(instance: Instance, maxReturn: number): Promise<Readonly<Record<string, unknown>>[][]> {
  const pages: Readonly<Record<string, unknown>>[][] = [];
  for (let offset = 0; ; offset += pages.at(-1)?.length ?? 0) {
    const { result } = await page(instance, `maxReturn=${maxReturn}&offset=${offset}`);
    if (!result) return pages;
    pages.push([...result]);
  }
}

describe('folders of an instance that pages otherwise', () => {
  it('come fewer a page than were asked for, the oldest on the second page', async () => {
    await withInstance({ folderPageSize: 20 }, async (instance) => {
      const pages = await paged(instance, 200);
      expect(pages.map(({ length }) => length)).toEqual([20, 20, 5]);
      expect(pages.map((folders) => folders.some(({ createdAt }) => createdAt === OLDEST))).toEqual([
        false,
        true,
        false,
      ]);
    });
  });

  it('are the first page over and over where the offset is ignored', async () => {
    await withInstance({ foldersIgnoreOffset: true }, async (instance) => {
      const first = await page(instance, 'maxReturn=20&offset=0');
      expect(first.result).toHaveLength(20);
      for (const offset of [20, 4000])
        expect((await page(instance, `maxReturn=20&offset=${offset}`)).result).toEqual(first.result);
    });
  });

  it('come twice where a page begins with the last one of the page before, and none is lost', async () => {
    await withInstance({ foldersRepeat: true }, async (instance) => {
      const pages = await paged(instance, 20);
      const ids = pages.flat().map(({ id }) => id);
      expect(pages[1]?.[0]).toEqual(pages[0]?.at(-1));
      expect(new Set(ids).size).toBe(45);
      expect(ids.length).toBeGreaterThan(45);
    });
  });

  it.each([
    ['someNull', /^(null|"[^"]*Z\+0000")$/],
    ['allNull', /^null$/],
    ['noZone', /^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"$/],
  ] as const)('have dates that are %s', async (folderDates, form) => {
    await withInstance({}, async (instance) => {
      await steer(instance, 'switches', { folderDates });
      const dates = (await paged(instance, 200)).flat().map(({ createdAt }) => createdAt);
      expect(dates).toHaveLength(45);
      for (const date of dates) expect(JSON.stringify(date)).toMatch(form);
      if (folderDates === 'someNull') {
        expect(dates).toContain(null);
        expect(dates).toContain(OLDEST);
      }
    });
  });

  it('are those of one workspace where it is asked for', async () => {
    await withInstance({}, async (instance) => {
      const europe = (await page(instance, 'workSpace=Europe')).result ?? [];
      expect(europe.length).toBeGreaterThan(0);
      expect(new Set(europe.map(({ workspace }) => workspace))).toEqual(new Set(['Europe']));
      expect((await page(instance, 'workSpace=Mars')).result).toBeUndefined();
    });
  });
});

describe('leads that are older than the folders', () => {
  it('are so many of all, with low ids, before the oldest folder, and in no window from there on', async () => {
    await withInstance({ olderLeads: 7 }, async (instance) => {
      const { leads } = instance.simulator;
      expect(leads.leads).toBe(500);
      const oldest = (await page(instance, 'maxReturn=200')).result
        ?.map(({ createdAt }) => String(createdAt))
        .sort()[0];
      expect(oldest).toBe(OLDEST);
      const older = Array.from({ length: leads.leads }, (_, index) => index).filter(
        (index) => leads.createdAt(index) < FROM,
      );
      expect(older).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(Math.max(...older.map((index) => leads.id(index)))).toBeLessThan(30);
      const found = new Set(leads.inRange(FROM, FROM + 300 * 86_400_000));
      expect(found.size).toBe(493);
    });
  });

  it('are in the expected output of a run that starts early enough', async () => {
    await withInstance({ olderLeads: 7 }, async ({ simulator }) => {
      const ids = async (startAt: string): Promise<number> => {
        const answer = await fetch(`${simulator.url}/simulator/ids?startAt=${startAt}&endAt=2024-12-31T00:00:00Z`);
        return (await answer.text()).trimEnd().split('\n').length;
      };
      expect(await ids('2024-01-01T00:00:00Z')).toBe(493);
      expect(await ids('2022-01-01T00:00:00Z')).toBe(500);
    });
  });
});

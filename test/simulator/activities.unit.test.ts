import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LifeEvent } from '../../simulator/leads/life.js';
import { DAY, errorOf, FROM, Instance, withInstance, type Answer } from './instance.js';

const ACTIVITIES = '/rest/v1/activities';
const START = new Date(FROM + 300 * DAY).toISOString().replace('.000Z', 'Z');
const LIFE = { leads: 300, changesPerDay: 30 } as const;

let instance: Instance;

beforeAll(async () => {
  instance = await Instance.start(LIFE);
  instance.jump((13 * DAY) / 1000);
});

afterAll(async () => {
  await instance.close();
});

async function tokenSince(since: string, of = instance): Promise<string> {
  const answer = await of.get(`${ACTIVITIES}/pagingtoken.json?sinceDatetime=${encodeURIComponent(since)}`);
  return answer.nextPageToken ?? '';
}

/** All pages from a date on. */
async function pages(path: string, since: string, of = instance): Promise<Answer[]> {
  const found: Answer[] = [];
  for (let token = await tokenSince(since, of); ;) {
    const answer = await of.get(`${path}nextPageToken=${encodeURIComponent(token)}`);
    found.push(answer);
    if (answer.moreResult !== true) return found;
    token = answer.nextPageToken ?? '';
  }
}

function items(found: readonly Answer[]): Readonly<Record<string, unknown>>[] {
  return found.flatMap(({ result }) => result ?? []);
}

function eventsOf(kind: LifeEvent['kind'], of = instance): readonly LifeEvent[] {
  const { living, clock } = of.simulator;
  return living.events(clock.now()).filter((event) => event.kind === kind);
}

const idOf = (index: number): number => instance.simulator.leads.id(index);

describe('deleted leads', () => {
  it('are all leads that were deleted since, as documented', async () => {
    const found = items(await pages(`${ACTIVITIES}/deletedleads.json?`, START));
    expect(found.map(({ leadId }) => leadId)).toEqual(eventsOf('deleted').map(({ index }) => idOf(index)));
    expect(found[0]).toEqual({
      id: expect.any(Number),
      marketoGUID: expect.stringMatching(/^\d+$/),
      leadId: expect.any(Number),
      activityDate: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+0000$/),
      activityTypeId: 37,
      primaryAttributeValueId: expect.any(Number),
      primaryAttributeValue: expect.stringContaining(' '),
      attributes: [],
    });
  });

  it('come in pages that are short or empty although there are more', async () => {
    const found = await pages(`${ACTIVITIES}/deletedleads.json?`, START);
    const before = found.slice(0, -1);
    expect(before.some(({ result = [] }) => result.length === 0)).toBe(true);
    expect(before.some(({ result = [] }) => result.length > 0 && result.length < 300)).toBe(true);
    expect(found.at(-1)?.moreResult).toBe(false);
  });

  it('are at most as many on a page as asked for', async () => {
    const found = await pages(`${ACTIVITIES}/deletedleads.json?batchSize=10&`, START);
    expect(Math.max(...found.map(({ result = [] }) => result.length))).toBe(10);
    expect(items(found)).toHaveLength(eventsOf('deleted').length);
  });

  it('are those after the date of the token', async () => {
    const [first, second] = eventsOf('deleted');
    const since = new Date(first?.at ?? 0).toISOString().replace('.000Z', 'Z');
    const found = items(await pages(`${ACTIVITIES}/deletedleads.json?`, since));
    expect(found[0]?.['leadId']).toBe(idOf(second?.index ?? NaN));
  });

  it('go on where the last token stands', async () => {
    await withInstance(LIFE, async (other) => {
      other.jump(DAY / 1000);
      const found = await pages(`${ACTIVITIES}/deletedleads.json?`, START, other);
      const before = eventsOf('deleted', other).length;
      other.jump(12 * 3600);
      const later: Answer[] = [];
      for (let last = found.at(-1); later.at(-1)?.moreResult !== false; last = later.at(-1)) {
        const token = encodeURIComponent(last?.nextPageToken ?? '');
        later.push(await other.get(`${ACTIVITIES}/deletedleads.json?nextPageToken=${token}`));
      }
      const expected = eventsOf('deleted', other).slice(before);
      expect(expected.length).toBeGreaterThan(0);
      expect(items(later).map(({ leadId }) => leadId)).toEqual(expected.map(({ index }) => idOf(index)));
    });
  });

  it('are forgotten after 14 days', async () => {
    await withInstance(LIFE, async (other) => {
      other.jump((20 * DAY) / 1000);
      const found = items(await pages(`${ACTIVITIES}/deletedleads.json?`, START, other));
      const prunedBefore = other.simulator.clock.now() - 14 * DAY;
      const kept = eventsOf('deleted', other).filter(({ at }) => at >= prunedBefore);
      expect(found).toHaveLength(kept.length);
      expect(kept.length).toBeLessThan(eventsOf('deleted', other).length);
    });
  });
});

describe('activities', () => {
  it('of the type Merge Leads name the losers', async () => {
    const types = (await instance.get(`${ACTIVITIES}/types.json`)).result ?? [];
    const merge = types.find(({ name }) => name === 'Merge Leads');
    const found = items(await pages(`${ACTIVITIES}.json?activityTypeIds=${String(merge?.['id'])}&`, START));
    const events = eventsOf('merged');
    expect(found).toHaveLength(events.length);
    for (const [at, activity] of found.entries()) {
      const losers = (events[at]?.losers ?? []).map(idOf);
      expect(activity['primaryAttributeValueId']).toBe(idOf(events[at]?.index ?? NaN));
      expect(activity['attributes']).toContainEqual({ name: 'Merge IDs', value: `[${losers.join(', ')}]` });
    }
    // Some winners were merged away later: another lead has their activities now.
    expect(found.some(({ leadId, primaryAttributeValueId: winner }) => leadId !== winner)).toBe(true);
  });

  it('do not tell of losers as deleted leads', async () => {
    const deleted = new Set(items(await pages(`${ACTIVITIES}/deletedleads.json?`, START)).map(({ leadId }) => leadId));
    for (const { losers } of eventsOf('merged'))
      for (const loser of losers) expect(deleted.has(idOf(loser))).toBe(false);
  });

  it('are of the types that are asked for, which come comma-separated or one by one', async () => {
    const both = items(await pages(`${ACTIVITIES}.json?activityTypeIds=12,32&`, START));
    expect(both).toHaveLength(eventsOf('created').length + eventsOf('merged').length);
    expect(items(await pages(`${ACTIVITIES}.json?activityTypeIds=12&activityTypeIds=32&`, START))).toEqual(both);
  });
});

describe('a call of activities', () => {
  // Another instance: there is a limit of calls.
  let refusing: Instance;

  beforeAll(async () => {
    refusing = await Instance.start(LIFE);
  });

  afterAll(async () => {
    await refusing.close();
  });

  it.each([
    ['pagingtoken.json', /^1002 .*'sinceDatetime'/],
    ['pagingtoken.json?sinceDatetime=yesterday', /^704 /],
    // An offset whose plus is not encoded.
    ['pagingtoken.json?sinceDatetime=2024-10-27T00:00:00+01:00', /^704 /],
    ['deletedleads.json', /^1002 .*'nextPageToken'/],
    ['deletedleads.json?nextPageToken=MADEUP====', '1003 Invalid nextPageToken'],
    ['deletedleads.json?nextPageToken=TOKEN&batchSize=301', /^1001 /],
    ['deletedleads.json?nextPageToken=TOKEN&batchSize=0', /^1001 /],
  ])('is refused: %s', async (path, error) => {
    const token = encodeURIComponent(await tokenSince(START, refusing));
    const refusal = errorOf(await refusing.get(`${ACTIVITIES}/${path.replace('TOKEN', token)}`));
    if (typeof error === 'string') expect(refusal).toBe(error);
    else expect(refusal).toMatch(error);
  });

  it.each([
    ['no type', '', /^1002 .*'activityTypeIds'/],
    ['a type that there is not', 'activityTypeIds=9999&', /^1003 /],
    ['eleven types', `activityTypeIds=${Array<number>(11).fill(12).join(',')}&`, /^1003 .*10/],
  ])('is refused with %s', async (_, query, error) => {
    const token = encodeURIComponent(await tokenSince(START, refusing));
    expect(errorOf(await refusing.get(`${ACTIVITIES}.json?${query}nextPageToken=${token}`))).toMatch(error);
  });

  it('is refused once its token is too old', async () => {
    await withInstance(LIFE, async (other) => {
      const token = encodeURIComponent(await tokenSince(START, other));
      other.jump(86_401);
      const answer = await other.get(`${ACTIVITIES}/deletedleads.json?nextPageToken=${token}`);
      expect(errorOf(answer)).toBe('1003 Invalid nextPageToken');
    });
  });

  it('needs Read-Only Activity', async () => {
    await withInstance({ ...LIFE, withoutActivities: true }, async (other) => {
      for (const path of ['/types.json', '/pagingtoken.json', '/deletedleads.json', '.json'])
        expect(errorOf(await other.get(`${ACTIVITIES}${path}`))).toBe('603 Access denied');
    });
  });
});

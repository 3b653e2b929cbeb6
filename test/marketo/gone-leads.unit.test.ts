import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type MarketoClient, createMarketoClient } from '../../src/marketo/client.js';
import { deletedLeads } from '../../src/marketo/deleted-leads.js';
import { collectGoneLeads, type GoneOutcome } from '../../src/marketo/gone-leads.js';
import { mergedLeads } from '../../src/marketo/merged-leads.js';
import { Simulator } from '../../simulator/simulator.js';
import { marketoFailureOf } from './helpers/failure.js';
import { refusal, ScriptedMarketo, success, type Reply } from './helpers/scripted-marketo.js';

const SINCE = '2024-10-06T13:22:17Z';
const TOKEN = success(undefined, { nextPageToken: 'GIYDAOBNGEYS2MBWKQ====' });
const TYPES = success([
  { id: 37, name: 'Delete Lead' },
  { id: 132, name: 'Merge Leads', attributes: [] },
]);

let marketo: ScriptedMarketo;
let client: MarketoClient;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
  client = marketo.client();
});

afterEach(async () => {
  await marketo.stop();
});

/** A page; each has a token, also the last one (Adobe: Activities). */
function page(result: unknown, moreResult: boolean, nextPageToken = `TOKEN${Math.random()}====`): Reply {
  return success(result, { moreResult, nextPageToken });
}

/** A deletion as documented (Adobe: Activities). */
function deletion(leadId: unknown): object {
  return {
    id: 2,
    marketoGUID: '2',
    leadId,
    activityDate: '2013-09-26T06:56:35+0000',
    activityTypeId: 37,
    primaryAttributeValueId: 6,
    primaryAttributeValue: 'Owyliphys Iledil',
    attributes: [],
  };
}

/** A merge as seen. */
function merge(value: unknown, name = 'Merge IDs'): object {
  const attributes = [
    { name: 'Master Updated', value: true },
    { name, value },
  ];
  return { id: 3, leadId: 1_345_540, activityTypeId: 132, primaryAttributeValue: 'Owyliphys Iledil', attributes };
}

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of pages) found.push(one);
  return found;
}

describe('deletedLeads', () => {
  it('asks for a token of the moment, then for pages until there is no more', async () => {
    marketo.willReply(TOKEN, page([deletion(6), deletion('9')], true, 'NEXT===='), page([deletion(7)], false));
    expect(await all(deletedLeads(client, SINCE))).toEqual([[6, 9], [7]]);
    expect(marketo.requests.map(({ path, query }) => [path, query])).toEqual([
      ['/rest/v1/activities/pagingtoken.json', { sinceDatetime: SINCE }],
      ['/rest/v1/activities/deletedleads.json', { batchSize: '300', nextPageToken: 'GIYDAOBNGEYS2MBWKQ====' }],
      ['/rest/v1/activities/deletedleads.json', { batchSize: '300', nextPageToken: 'NEXT====' }],
    ]);
  });

  it('goes on after short and empty pages, also such as have no result', async () => {
    marketo.willReply(TOKEN, page([], true), page(undefined, true), page([deletion(6)], true), page(null, false));
    expect((await all(deletedLeads(client, SINCE))).flat()).toEqual([6]);
  });

  it.each([
    ['no lead', page([{ ...deletion(6), leadId: undefined }], false)],
    ['a lead that is no id', page([deletion('somebody')], false)],
    ['no word on further pages', success([deletion(6)], { nextPageToken: 'NEXT====' })],
    ['more pages, but no token for them', success([deletion(6)], { moreResult: true })],
  ])('takes no answer with %s: what is gone must be known whole', async (_, reply) => {
    marketo.willReply(TOKEN, reply);
    expect(await marketoFailureOf(all(deletedLeads(client, SINCE)))).toMatchObject({ code: 'UNEXPECTED_SHAPE' });
  });

  it('takes no page again as the next one', async () => {
    marketo.willReply(TOKEN, page([], true, 'SAME===='), page([], true, 'SAME===='));
    expect(await marketoFailureOf(all(deletedLeads(client, SINCE)))).toMatchObject({ code: 'UNEXPECTED_SHAPE' });
  });

  it('is tried again, with a new token, where Marketo takes the token no more', async () => {
    marketo.willReply(TOKEN, refusal('1003', 'Invalid nextPageToken'));
    expect(await marketoFailureOf(all(deletedLeads(client, SINCE)))).toMatchObject({
      code: '1003',
      action: 'retryBounded',
    });
  });

  it('keeps neither names nor tokens in its errors', async () => {
    marketo.willReply(TOKEN, page([deletion({ name: 'Owyliphys' })], false));
    const error = await marketoFailureOf(all(deletedLeads(client, SINCE)));
    expect(`${error.message} ${String(error.stack)}`).not.toMatch(/Owyliphys|GIYDAO/);
  });
});

describe('mergedLeads', () => {
  it('looks up the type of the activity, and tells the losers alone', async () => {
    marketo.willReply(TYPES, TOKEN, page([merge('[1286861]'), merge('[60935, 60936]')], false));
    expect(await all(mergedLeads(client, SINCE))).toEqual([{ losers: [1_286_861, 60_935, 60_936], unnamed: 0 }]);
    expect(marketo.requests[2]).toMatchObject({ path: '/rest/v1/activities.json', query: { activityTypeIds: '132' } });
  });

  it('takes the usual type where the instance lists none of that name', async () => {
    marketo.willReply(success([{ id: 37, name: 'Delete Lead' }]), TOKEN, page([], false));
    await all(mergedLeads(client, SINCE));
    expect(marketo.requests[2]?.query['activityTypeIds']).toBe('32');
  });

  it('reads one id or many, whatever stands around them', async () => {
    const list = fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { minLength: 1, maxLength: 25 });
    const spelled = fc.constantFrom<(ids: readonly number[]) => unknown>(
      (ids) => `[${ids.join(',')}]`,
      (ids) => `[${ids.join(', ')}]`,
      (ids) => ids.join(','),
      (ids) => ids.join('; '),
      (ids) => ids,
      (ids) => ids.map(String),
      (ids) => `["${ids.join('","')}"]`,
    );
    const name = fc.constantFrom('Merge IDs', 'Merge Ids', 'Merge_IDs', 'mergeIds');
    await fc.assert(
      fc.asyncProperty(list, spelled, name, async (ids, spell, attribute) => {
        marketo.willReply(TYPES, TOKEN, page([merge(spell(ids), attribute)], false));
        expect(await all(mergedLeads(client, SINCE))).toEqual([{ losers: ids, unnamed: 0 }]);
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, object]>([
    ['no attributes', { leadId: 1 }],
    ['no ids', { leadId: 1, attributes: [{ name: 'Master Updated', value: true }] }],
    ['an empty list', merge('[]')],
    ['an empty value', merge('')],
    ['a null', merge(null)],
  ])('counts a merge with %s: some were seen', async (_, activity) => {
    marketo.willReply(TYPES, TOKEN, page([activity, merge('[5]')], false));
    expect(await all(mergedLeads(client, SINCE))).toEqual([{ losers: [5], unnamed: 1 }]);
  });

  it.each([['a name'], ['[12x]'], ['-5'], [{ id: 5 }], ['99999999999999999']])(
    'takes no ids that cannot be read: %p',
    async (value) => {
      marketo.willReply(TYPES, TOKEN, page([merge(value)], false));
      expect(await marketoFailureOf(all(mergedLeads(client, SINCE)))).toMatchObject({ code: 'UNEXPECTED_SHAPE' });
    },
  );
});

describe('collectGoneLeads', () => {
  const now = { since: SINCE, nowSeconds: Date.parse('2024-10-08T00:00:00Z') / 1000 };

  function collect(): { gone: (readonly [number, string])[]; outcome: Promise<GoneOutcome> } {
    const gone: (readonly [number, string])[] = [];
    return { gone, outcome: collectGoneLeads(client, now, (id, reason) => gone.push([id, reason])) };
  }

  it('tells deletions and losers, and from when on to ask the next time', async () => {
    marketo.willReply(TOKEN, page([deletion(6)], false), TYPES, TOKEN, page([merge('[7]'), merge('')], false));
    const { gone, outcome } = collect();
    expect(await outcome).toEqual({ outcome: 'complete', until: '2024-10-07T23:50:00Z', unnamedMerges: 1 });
    expect(gone).toEqual([
      [6, 'deleted'],
      [7, 'merged'],
    ]);
  });

  it('says where the API user lacks the permission, which is no failure', async () => {
    marketo.willReply(refusal('603', 'Access denied'));
    expect(await collect().outcome).toEqual({ outcome: 'noPermission' });
  });

  it('fails with all that is no missing permission', async () => {
    marketo.willReply(TOKEN, refusal('611', 'System error'));
    expect(await marketoFailureOf(collect().outcome)).toMatchObject({ code: '611', action: 'retryBounded' });
  });

  it('finds all that went from a living instance, each call counted by its endpoint', async () => {
    const start = Date.parse('2024-10-01T00:00:00Z');
    const simulator = await Simulator.start({ speed: 0, now: start, leads: 200, changesPerDay: 20 });
    try {
      simulator.clock.jump(10 * 86_400_000);
      const calls = new Set<string>();
      const own = createMarketoClient({
        endpoint: simulator.url,
        clientId: simulator.options.clientId,
        clientSecret: simulator.options.clientSecret,
        onCall: (endpoint) => calls.add(endpoint),
      });
      const gone = new Set<number>();
      const ask = { since: '2024-10-01T00:00:00Z', nowSeconds: simulator.clock.now() / 1000 };
      expect(await collectGoneLeads(own, ask, (id) => gone.add(id))).toMatchObject({ outcome: 'complete' });
      const { living, leads } = simulator;
      const went = living
        .events(simulator.clock.now())
        .flatMap(({ kind, index, losers }) => (kind === 'deleted' ? [index] : losers));
      expect([...gone].sort()).toEqual(went.map((index) => leads.id(index)).sort());
      expect([...calls].sort()).toEqual(['activities', 'activityTypes', 'deletedLeads', 'identity', 'pagingToken']);
    } finally {
      await simulator.close();
    }
  });
});

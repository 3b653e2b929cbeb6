import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunFailure } from '../../src/contract/failures.js';
import { oldestDate, type DateMemory, type DatesFound } from '../../src/marketo/oldest-date.js';
import { oldestLeadDate } from '../../src/marketo/oldest-lead.js';
import { failureOf, marketoFailureOf } from './helpers/failure.js';
import { refusal, ScriptedMarketo, success, type Reply } from './helpers/scripted-marketo.js';

const [OLD, NEW] = [Date.UTC(2008, 9, 7), Date.UTC(2010, 2, 27)];
/** An empty page of folders has no result at all, but says so. */
const NOTHING = success(undefined, { warnings: ['No assets found for the given search criteria.'] });
const DENIED = refusal('603', 'Access denied');

let marketo: ScriptedMarketo;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
});

afterEach(async () => {
  await marketo.stop();
});

function folders(milliseconds: number): Reply[] {
  return [success([{ id: 1, createdAt: new Date(milliseconds).toISOString() }]), NOTHING];
}

function leads(...dates: unknown[]): Reply {
  return success(dates.map((date, index) => ({ id: index + 1, createdAt: date })));
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

describe('the oldest date', () => {
  it('is that of the folders where these are older, and both are told', async () => {
    marketo.willReply(...folders(OLD), leads(iso(NEW)));
    expect(await oldestDate(marketo.client())).toEqual({
      milliseconds: OLD,
      source: 'folders',
      folders: OLD,
      leads: NEW,
      warnings: [],
    });
  });

  it('is that of a lead where one is older than the folders', async () => {
    marketo.willReply(...folders(NEW), leads(iso(NEW), iso(OLD)));
    expect(await oldestDate(marketo.client())).toMatchObject({ milliseconds: OLD, source: 'leads', folders: NEW });
  });

  it.each([
    ['an empty result', success([])],
    ['code 702', refusal('702', 'No data found')],
  ])('is that of the folders where none of the lowest ids is left: %s', async (_, reply) => {
    marketo.willReply(...folders(NEW), reply);
    const found = await oldestDate(marketo.client());
    expect(found).toEqual({ milliseconds: NEW, source: 'folders', folders: NEW, warnings: [] });
  });

  it.each([
    ['refused', DENIED],
    ['of a date that cannot be read', leads(null)],
  ])('is that of the folders with a warning where the leads are %s', async (_, reply) => {
    marketo.willReply(...folders(NEW), reply);
    const found = await oldestDate(marketo.client());
    expect(found).toMatchObject({ milliseconds: NEW, source: 'folders' });
    expect(found).not.toHaveProperty('leads');
    expect(found.warnings).toEqual([expect.stringContaining('folders alone: ')]);
  });

  it.each([
    ['refused', DENIED],
    ['not seen', NOTHING],
    ['of a date that cannot be read', success([{ id: 1, createdAt: null }])],
  ])('is that of the leads with a warning where the folders are %s', async (_, reply) => {
    marketo.willReply(reply, leads(iso(OLD)));
    const found = await oldestDate(marketo.client());
    expect(found).toMatchObject({ milliseconds: OLD, source: 'leads' });
    expect(found.warnings).toEqual([expect.stringContaining('lowest ids alone: ')]);
  });

  it('is that of the folders that could be read where these are older than the leads, with a warning', async () => {
    marketo.willReply(folders(OLD)[0] ?? NOTHING, success([{ id: 2, createdAt: null }]), leads(iso(NEW)));
    const found = await oldestDate(marketo.client());
    expect(found).toMatchObject({ milliseconds: OLD, source: 'folders', folders: OLD, leads: NEW });
    expect(found.warnings).toEqual([expect.stringMatching(/folders that could be read: .*folder 2/)]);
  });

  it('is asked for no more than is not known from before', async () => {
    let found: DatesFound = {};
    const memory = (): DateMemory => ({ found, onFound: (now) => (found = now) });
    marketo.willReply(...folders(OLD), refusal('608', 'API Temporarily Unavailable'));
    await failureOf(oldestDate(marketo.client(), undefined, memory()));
    marketo.willReply(leads(iso(NEW)));
    const first = await oldestDate(marketo.client(), undefined, memory());
    expect(first).toMatchObject({ milliseconds: OLD, source: 'folders', folders: OLD, leads: NEW });
    expect(marketo.requests).toHaveLength(4);
    expect(await oldestDate(marketo.client(), undefined, memory())).toEqual(first);
    expect(marketo.requests).toHaveLength(4);
  });

  it('is unknown where neither tells, for the reason of the folders', async () => {
    marketo.willReply(NOTHING, success([]));
    const error = await failureOf(oldestDate(marketo.client()));
    expect(error).toBeInstanceOf(RunFailure);
    expect(error).toMatchObject({ type: 'MarketoAccess' });
    marketo.willReply(DENIED, refusal('610', 'not found'));
    expect(await marketoFailureOf(oldestDate(marketo.client()))).toMatchObject({ code: '603' });
  });

  it.each([
    ['folders', [success()]],
    ['a later page of folders', [success([{ id: 1, createdAt: iso(NEW) }]), success()]],
    ['leads', [...folders(NEW), success()]],
  ])('is asked for again where %s come without a result: none is not known then', async (_, replies) => {
    marketo.willReply(...replies);
    expect(await marketoFailureOf(oldestDate(marketo.client()))).toMatchObject({
      code: 'UNEXPECTED_SHAPE',
      action: 'retryBounded',
    });
  });

  it('is asked for again where what went wrong may pass', async () => {
    marketo.willReply(...folders(NEW), refusal('608', 'API Temporarily Unavailable'));
    expect(await marketoFailureOf(oldestDate(marketo.client()))).toMatchObject({ action: 'retry' });
    marketo.willReply({ status: 502, body: '' });
    expect(await marketoFailureOf(oldestDate(marketo.client()))).toMatchObject({ action: 'retry' });
  });
});

describe('oldestLeadDate', () => {
  it('asks in one call for the 300 lowest ids and no more of the leads than their dates', async () => {
    marketo.willReply(leads('2010-03-27T00:00:00Z'));
    expect(await oldestLeadDate(marketo.client())).toBe(NEW);
    const [request] = marketo.requests;
    expect(request).toMatchObject({ method: 'GET', path: '/rest/v1/leads.json' });
    expect(request?.query).toMatchObject({ filterType: 'id', fields: 'id,createdAt' });
    expect(request?.query['filterValues']).toMatch(/^1,2,3,.*,299,300$/);
    expect(marketo.requests).toHaveLength(1);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { columnsOf } from '../../src/contract/columns.js';
import type { PlanExtractArgs, PlanSummary } from '../../src/contract/activities.js';
import type { Manifest } from '../../src/contract/manifest.js';
import { windowsOf } from '../../src/contract/windows.js';
import { sha256 } from '../../src/bytes/sha256.js';
import { readPlan } from '../../src/plan/plan-record.js';
import type { Reply } from '../marketo/helpers/scripted-marketo.js';
import { setOf } from '../merge/outputs-in-memory.js';
import { manifestOf } from '../report/samples.js';
import { AttemptEnvironment } from './environment.js';
import { DESTINATION, EXPORT_ID, Fixture, OUTPUT, POLL } from './fixture.js';

const DAY = 86_400_000;
const BASE_END = '2024-02-09T00:00:00Z';
const ARGS: PlanExtractArgs = {
  poll: POLL,
  destination: DESTINATION,
  mode: 'update',
  startAtSeconds: Date.parse('2020-01-01T00:00:00Z') / 1000,
  endAtSeconds: Date.parse('2024-02-10T00:00:00Z') / 1000,
  endAtGiven: true,
  windowOverlapSeconds: 0,
  windowDays: 31,
  concurrency: 1,
  keepParts: false,
  keepChanges: false,
  onWindowFailure: 'fail',
  quoting: 'rfc4180',
  contentType: 'text/csv',
  tags: {},
};

let fixture: Fixture;

beforeEach(async () => {
  fixture = await Fixture.start();
  marketoAnswers({});
  putBase({});
});

afterEach(async () => {
  await fixture.stop();
});

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString();

/** An output with what accounts for it. */
function putBase(change: Partial<Manifest>): void {
  fixture.s3.put(OUTPUT.object.key, 'id,email\n1,a\n');
  const ids = setOf([1]);
  const bytes = ids.serialize();
  ids.dispose();
  fixture.s3.put(OUTPUT.ids.key, bytes);
  const manifest = manifestOf([], {
    instance: fixture.instance,
    startAt: '2020-01-01T00:00:00Z',
    endAt: BASE_END,
    leads: 1,
    columns: columnsOf(['id', 'email'], []),
    etag: fixture.s3.objects.get(OUTPUT.object.key)?.etag ?? '',
    ids: { bytes: bytes.length, sha256: sha256(bytes), cardinality: 1 },
    goneUntil: daysAgo(12),
    ...change,
  });
  fixture.s3.put(OUTPUT.manifest.key, JSON.stringify(manifest));
}

/** Answers by what is asked for. @param refused codes of calls that are refused: of the paging token, and of a create by `updatedAt` */
function marketoAnswers({ token, updatedAt }: { readonly token?: string; readonly updatedAt?: string }): void {
  const results: Readonly<Record<string, object[]>> = {
    '/rest/v1/leads/describe2.json': [
      { name: 'API Lead', fields: ['email', 'id'].map((name) => ({ name, dataType: 'string' })) },
    ],
    '/rest/v1/leads/describe.json': ['email', 'id'].map((name, id) => ({ id, dataType: 'string', rest: { name } })),
    '/bulk/v1/leads/export/create.json': [{ exportId: EXPORT_ID, status: 'Created' }],
    [`/bulk/v1/leads/export/${EXPORT_ID}/cancel.json`]: [{ exportId: EXPORT_ID, status: 'Cancelled' }],
    '/rest/asset/v1/folders.json': [],
    '/rest/v1/leads.json': [{ id: 1, createdAt: '2020-01-01T00:00:00Z' }],
  };
  const answer: Reply = (response, request) => {
    const { pathname } = new URL(request.url ?? '', 'http://marketo');
    const body = JSON.stringify(fixture.marketo.requests.at(-1)?.body ?? '');
    const refused = pathname.endsWith('create.json') && body.includes('updatedAt') ? updatedAt : undefined;
    const code = pathname.endsWith('pagingtoken.json') ? token : refused;
    const answered = { success: true, result: results[pathname] ?? [] };
    const failed = { success: false, errors: [{ code, message: 'refused' }] };
    const page = pathname.endsWith('pagingtoken.json') ? { nextPageToken: 'T' } : {};
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ requestId: 'r', ...(code === undefined ? { ...answered, ...page } : failed) }));
  };
  fixture.marketo.forget();
  fixture.marketo.willReply(...Array.from({ length: 60 }, () => answer));
}

function plan(change: Partial<PlanExtractArgs> = {}): Promise<PlanSummary> {
  return new AttemptEnvironment().run(() => fixture.activities.planExtract({ ...ARGS, ...change }));
}

describe('planning an update', () => {
  it('exports what was created and what has changed since the base, in two windows, the second of full length', async () => {
    const summary = await plan();
    expect(summary).toMatchObject({ mode: 'update', outputStartAt: '2020-01-01T00:00:00Z', warnings: [] });
    expect(windowsOf(summary)).toEqual([
      { startAt: BASE_END, endAt: '2024-02-10T00:00:00Z' },
      { startAt: BASE_END, endAt: '2024-03-10T23:59:59Z', updated: true },
    ]);
    const { base } = await readPlan(fixture.s3.store, summary.ref);
    expect(base).toMatchObject({
      etag: fixture.s3.objects.get(OUTPUT.object.key)?.etag,
      manifestEtag: fixture.s3.objects.get(OUTPUT.manifest.key)?.etag,
    });
    expect(fixture.calls()).not.toContain('v1/folders.json');
  });

  it('keeps its plan while its base is there, and makes another once that is another', async () => {
    const first = await plan();
    expect((await plan()).ref).toEqual(first.ref);
    putBase({ endAt: '2024-02-09T12:00:00Z' });
    const second = await plan();
    expect(second).toMatchObject({ mode: 'update', startAt: '2024-02-09T12:00:00Z' });
  });

  it('ends its range when it begins, where it has waited for another run and was told no end', async () => {
    const waited = new AttemptEnvironment({ attempt: 2, heartbeatDetails: { statusCalls: 1 } });
    const before = Date.now();
    const { endAt } = await waited.run(() => fixture.activities.planExtract({ ...ARGS, endAtGiven: false }));
    expect(Date.parse(endAt)).toBeGreaterThan(before - 62_000);
    const told = new AttemptEnvironment({ attempt: 2, heartbeatDetails: { statusCalls: 1 } });
    expect(await told.run(() => fixture.activities.planExtract(ARGS))).toMatchObject({ endAt: '2024-02-10T00:00:00Z' });
    expect(await plan({ endAtGiven: false })).toMatchObject({ endAt: '2024-02-10T00:00:00Z' });
  });

  it('refuses an end that the output has reached already', async () => {
    putBase({ endAt: '2024-02-10T00:00:00Z' });
    const failure = await new AttemptEnvironment().failureOf(() => fixture.activities.planExtract(ARGS));
    expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('endAt') });
  });
});

const LACKS: readonly (readonly [string, () => unknown, Partial<PlanExtractArgs>?])[] = [
  ['there is no output yet', () => fixture.s3.objects.delete(OUTPUT.object.key)],
  ['has no manifest', () => fixture.s3.objects.delete(OUTPUT.manifest.key)],
  [
    'was written by something else',
    () => {
      fixture.s3.put(OUTPUT.object.key, 'by hand');
    },
  ],
  [
    'is of other.mktorest.com',
    () => {
      putBase({ instance: 'other.mktorest.com' });
    },
  ],
  [
    'is of the format gzip',
    () => {
      putBase({ format: 'gzip' });
    },
  ],
  [
    'has the quoting asIs',
    () => {
      putBase({ quoting: 'asIs' });
    },
  ],
  [
    'has quotes that are read in more than one way',
    () => {
      putBase({ quoting: 'asIs', oddQuotes: true });
    },
    { quoting: 'asIs' },
  ],
  [
    'the fields are others',
    () => {
      putBase({ columns: columnsOf(['id', 'email', 'phone'], []) });
    },
  ],
  [
    'in another order',
    () => {
      putBase({ columns: columnsOf(['email', 'id'], []) });
    },
  ],
  ['begins at 2020-01-01', () => undefined, { startAtSeconds: Date.parse('2021-01-01T00:00:00Z') / 1000 }],
  ['id set', () => fixture.s3.objects.delete(OUTPUT.ids.key)],
  [
    'id set',
    () => {
      fixture.s3.put(OUTPUT.ids.key, 'damaged');
    },
  ],
  [
    'Marketo forgets them after 14 days',
    () => {
      putBase({ goneUntil: daysAgo(13.1) });
    },
  ],
  [
    'lacks Read-Only Activity',
    () => {
      marketoAnswers({ token: '603' });
    },
  ],
  [
    'does not export leads by updatedAt',
    () => {
      marketoAnswers({ updatedAt: '1035' });
    },
  ],
];

describe('an update that cannot be', () => {
  it.each(LACKS.map(([because, lack, change = {}]) => [because, lack, change] as const))(
    'is a full run that says why: %s',
    async (because, lack, change) => {
      lack();
      const summary = await plan(change);
      expect(summary.mode).toBe('full');
      expect(summary.fullBecause).toContain(because);
      expect(summary.warnings).toContain(`A full run instead of an update, since ${summary.fullBecause ?? ''}`);
      expect(windowsOf(summary).some(({ updated }) => updated)).toBe(false);
    },
  );

  it('is one where nobody knows what was deleted', async () => {
    putBase({});
    const { goneUntil, ...manifest } = JSON.parse(fixture.s3.text(OUTPUT.manifest.key)) as Manifest;
    expect(goneUntil).toBeDefined();
    fixture.s3.put(OUTPUT.manifest.key, JSON.stringify(manifest));
    expect(await plan()).toMatchObject({ mode: 'full', fullBecause: expect.stringContaining('deleted') });
  });
});

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PlanExtractArgs, PlanSummary } from '../../src/contract/activities.js';
import { defined } from '../../src/contract/defined.js';
import type { HeartbeatDetails } from '../../src/contract/heartbeat.js';
import { TAKE_OVER_DAYS } from '../../src/contract/limits.js';
import { readPlan, type PlanRecord } from '../../src/plan/plan-record.js';
import { refusal, success, type Reply } from '../marketo/helpers/scripted-marketo.js';
import { AttemptEnvironment } from './environment.js';
import { DESTINATION, EXPORT_ID, Fixture, intervalsDuring, OUTPUT, POLL, RUN, WINDOW } from './fixture.js';

const DAY = 24 * 60 * 60 * 1000;
const FILE = 'id,email\n1,a\n';
const ARGS: PlanExtractArgs = {
  poll: POLL,
  destination: DESTINATION,
  mode: 'full',
  startAtSeconds: Date.parse('2024-01-01T00:00:00Z') / 1000,
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
});

afterEach(async () => {
  jest.restoreAllMocks();
  await fixture.stop();
});

/** Answers so many calls by what they ask for. */
function marketoKnows(...fields: readonly string[]): void {
  const answers: Readonly<Record<string, object>> = {
    '/rest/v1/leads/describe2.json': [
      { name: 'API Lead', fields: fields.map((name) => ({ name, dataType: 'string' })) },
    ],
    '/rest/v1/leads/describe.json': fields.map((name, id) => ({ id, dataType: 'string', rest: { name } })),
    '/bulk/v1/leads/export/create.json': [{ exportId: EXPORT_ID, status: 'Created' }],
    [`/bulk/v1/leads/export/${EXPORT_ID}/cancel.json`]: [{ exportId: EXPORT_ID, status: 'Cancelled' }],
  };
  const answer: Reply = (response, request) => {
    const { pathname } = new URL(request.url ?? '', 'http://marketo');
    if (pathname.endsWith('/file.json')) {
      response.writeHead(200, { 'content-type': 'text/csv' }).end(FILE);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ requestId: 'r', success: true, result: answers[pathname] }));
  };
  fixture.marketo.willReply(...Array.from({ length: 40 }, () => answer));
}

function work(changes: Partial<PlanExtractArgs> = {}): () => Promise<PlanSummary> {
  return () => fixture.activities.planExtract({ ...ARGS, ...changes });
}

function plan(changes: Partial<PlanExtractArgs> = {}): Promise<PlanSummary> {
  return new AttemptEnvironment().run(work(changes));
}

/** Ends of the paths of what Marketo was asked for. */
function asked(): (string | undefined)[] {
  return fixture.marketo.requests.map(({ path }) => path.split('/').at(-1));
}

/** Changes the plan in S3 as if it had been made at another time. */
function planWasMade(daysAgo: number): void {
  const record = JSON.parse(fixture.s3.text(RUN.plan)) as PlanRecord;
  const plannedAt = new Date(Date.now() - daysAgo * DAY).toISOString();
  fixture.s3.put(RUN.plan, JSON.stringify({ ...record, plannedAt }));
}

describe('planning a run', () => {
  it('tells what lies beside the destination, each by its own ETag', async () => {
    marketoKnows('email', 'id');
    for (const file of ['manifest', 'schema', 'report', 'ids'] as const)
      fixture.s3.put(OUTPUT[file].key, `${file} of yesterday`);
    const etag = (file: 'manifest' | 'schema' | 'report' | 'ids'): unknown =>
      fixture.s3.objects.get(OUTPUT[file].key)?.etag;
    expect((await plan()).accountEtags).toEqual({
      manifest: etag('manifest'),
      schema: etag('schema'),
      report: etag('report'),
      ids: etag('ids'),
    });
  });

  it('pins the range and the fields, and tells what lies at the destination', async () => {
    marketoKnows('email', 'id');
    fixture.s3.put(OUTPUT.object.key, 'of yesterday');
    const summary = await plan();
    expect(summary).toMatchObject({
      startAt: '2024-01-01T00:00:00Z',
      endAt: '2024-02-10T00:00:00Z',
      warnings: [],
      takenOver: [],
      searchAttributes: false,
      destinationEtag: fixture.s3.objects.get(OUTPUT.object.key)?.etag,
      accountEtags: { manifest: null, schema: null, report: null, ids: null },
    });
    expect(await readPlan(fixture.s3.store, summary.ref)).toMatchObject({
      workflowId: 'run/window',
      instance: fixture.instance,
      fields: ['id', 'email'],
      described: [
        { name: 'email', dataType: 'string' },
        { name: 'id', dataType: 'string' },
      ],
      fieldsNamed: false,
    });
    expect(fixture.s3.keys()).toEqual([OUTPUT.object.key, RUN.plan].sort());
  });

  it('checks the fields by one job over a second, which is cancelled and never enqueued', async () => {
    marketoKnows('id', 'email');
    await plan();
    const [create, cancel] = fixture.marketo.requests.filter(({ path }) => path.startsWith('/bulk/'));
    expect(JSON.parse(create?.body ?? '')).toMatchObject({
      fields: ['id', 'email'],
      filter: { createdAt: { startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-01T00:00:01Z' } },
    });
    expect(cancel?.path).toMatch(/\/cancel\.json$/);
    expect(fixture.calls().filter((call) => call.endsWith('enqueue.json'))).toEqual([]);
  });

  it('cancels the job that checked the fields for an attempt that did not end', async () => {
    marketoKnows('id');
    await new AttemptEnvironment({ attempt: 2, heartbeatDetails: { checkJob: EXPORT_ID } }).run(work());
    const jobs = fixture.calls().filter((call) => /create|cancel/.test(call));
    expect(jobs).toEqual([`${EXPORT_ID}/cancel.json`, 'export/create.json', `${EXPORT_ID}/cancel.json`]);
  });

  it('heartbeats every five seconds, however long Marketo takes', async () => {
    marketoKnows('id');
    expect(await intervalsDuring(() => plan())).toContain(5_000);
  });

  it.each([
    [{ MarketoInstance: 2, ExtractStage: 2 }, true],
    [{ MarketoInstance: 2 }, false],
    [{ MarketoInstance: 3, ExtractStage: 2 }, false],
    [{}, false],
  ])(
    'tells whether the run can be marked with search attributes: where the namespace has %j, %s',
    async (known, can) => {
      marketoKnows('id');
      const environment = new AttemptEnvironment();
      environment.searchAttributes = known;
      expect((await environment.run(work())).searchAttributes).toBe(can);
    },
  );

  it('spends nothing at Marketo where the bucket does not serve', async () => {
    expect(await new AttemptEnvironment().failureOf(work({ destination: 's3://other/leads.csv' }))).toMatchObject({
      type: 'StorageAccess',
      message: expect.stringContaining('other'),
    });
    expect(fixture.marketo.requests).toEqual([]);
  });

  it('fails for good where nothing can be exported as asked', async () => {
    marketoKnows('id', 'email');
    const failure = await new AttemptEnvironment().failureOf(work({ fields: ['nothing*'] }));
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(fixture.s3.keys()).toEqual([]);
  });

  it.each([
    ['its own instance', 0],
    ['another one', 3],
  ])('keeps what an earlier attempt found of the oldest date of %s: %i calls', async (whose, calls) => {
    const date = '2009-10-07T00:00:00Z';
    fixture.marketo.willReply(
      success([{ id: 1, createdAt: date }]),
      success([]),
      success([{ id: 1, createdAt: '2012-01-01T00:00:00Z' }]),
      refusal('608', 'Temporarily unavailable'),
    );
    const oldest = defined({ ...ARGS, startAtSeconds: undefined });
    const whole = (): Promise<PlanSummary> => fixture.activities.planExtract(oldest);
    const first = new AttemptEnvironment();
    expect(await first.failureOf(whole)).toMatchObject({ type: 'transient' });
    fixture.marketo.requests.length = 0;

    const details = first.heartbeats.at(-1) as HeartbeatDetails;
    const instance = whose === 'another one' ? 'another.mktorest.com' : fixture.instance;
    const heartbeatDetails = { ...details, oldest: { ...details.oldest, instance } };
    if (calls > 0) fixture.marketo.willReply(success([{ id: 1, createdAt: date }]), success([]), success([]));
    marketoKnows('id');
    const { startAt } = await new AttemptEnvironment({ attempt: 2, heartbeatDetails }).run(whole);
    expect(startAt).toBe(date);
    expect(asked().filter((path) => path === 'folders.json' || path === 'leads.json')).toHaveLength(calls);
  });

  it('comes back where Marketo has trouble, with what is known so far', async () => {
    fixture.marketo.willReply(...Array.from({ length: 3 }, () => refusal('608', 'Temporarily unavailable')));
    expect(await new AttemptEnvironment().failureOf(work())).toMatchObject({ type: 'transient' });
  });
});

describe('a plan that is there already', () => {
  beforeEach(async () => {
    marketoKnows('id', 'email');
    await plan();
    fixture.marketo.requests.length = 0;
  });

  it('is kept by a run that asks for the same, once Marketo has said that its fields are still there', async () => {
    const text = fixture.s3.text(RUN.plan);
    const { ref } = await plan();
    expect(fixture.s3.text(RUN.plan)).toBe(text);
    expect(ref.sha256).toBe(createHash('sha256').update(text).digest('hex'));
    expect(asked()).toEqual(['create.json', 'cancel.json']);
  });

  it('is made anew where a field of it is gone, and says what was left out', async () => {
    fixture.marketo.forget();
    fixture.marketo.willReply(refusal('1003', 'Invalid fields [email]'));
    marketoKnows('id', 'phone');
    const { ref, warnings } = await plan();
    expect((await readPlan(fixture.s3.store, ref)).fields).toEqual(['id', 'phone']);
    expect(warnings).toEqual([]);
  });

  it.each<[string, Partial<PlanExtractArgs>]>([
    ['other fields', { fields: ['email'] }],
    ['another beginning', { startAtSeconds: ARGS.endAtSeconds - 1000 }],
    ['another end', { endAtSeconds: ARGS.endAtSeconds - 1000 }],
    ['another overlap', { windowOverlapSeconds: 1 }],
  ])('is replaced by a run that asks for %s', async (_, changes) => {
    await plan(changes);
    expect(asked()).toContain('describe2.json');
  });

  it('becomes another, with all else as it was, where the output is to be written another way', async () => {
    const before = await readPlan(fixture.s3.store, (await plan()).ref);
    const { ref } = await plan({ quoting: 'asIs', endAtGiven: true });
    expect(asked()).not.toContain('describe2.json');
    expect(await readPlan(fixture.s3.store, ref)).toEqual({ ...before, quoting: 'asIs' });
    expect(ref.sha256).not.toBe((await plan()).ref.sha256);
  });

  it('keeps its end where none is asked for', async () => {
    await plan({ endAtGiven: false });
    const { endAt } = await plan({ endAtGiven: false, endAtSeconds: ARGS.endAtSeconds + 1000 });
    expect(endAt).toBe('2024-02-10T00:00:00Z');
  });

  it.each([
    [TAKE_OVER_DAYS - 0.1, 'kept'],
    [TAKE_OVER_DAYS + 0.1, 'made anew'],
  ])('that is %d days old is %s', async (daysAgo, what) => {
    planWasMade(daysAgo);
    await plan();
    expect(asked().includes('describe2.json')).toBe(what === 'made anew');
  });

  it('comes with the windows that were verified under it', async () => {
    const { ref } = await plan();
    const sha256 = createHash('sha256').update(FILE).digest('hex');
    const completed = { exportId: EXPORT_ID, records: 1, bytes: FILE.length, sha256 };
    await new AttemptEnvironment().run(() =>
      fixture.activities.transferFile({ plan: ref, window: WINDOW, poll: POLL, job: completed }),
    );
    const takenOver = [{ window: WINDOW.startAt, records: 1, bytes: FILE.length }];
    expect((await plan()).takenOver).toEqual(takenOver);
    expect((await plan({ quoting: 'asIs' })).takenOver).toEqual(takenOver);
  });
});

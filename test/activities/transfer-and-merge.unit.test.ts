import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CompletedJob, MergeSummary, PlanRef, TransferOutcome } from '../../src/contract/activities.js';
import { columnsOf } from '../../src/contract/columns.js';
import type { Manifest } from '../../src/contract/manifest.js';
import { outputSchema, type OutputSchema } from '../../src/contract/output-schema.js';
import { windowNames } from '../../src/parts/output-names.js';
import { AttemptEnvironment } from './environment.js';
import {
  DESTINATION,
  EXPORT_ID,
  file,
  Fixture,
  intervalsDuring,
  OUTPUT,
  POLL,
  RUN,
  WINDOW,
  WINDOWS,
} from './fixture.js';

const HEADER = 'id,email\n';
const JANUARY = `${HEADER}1,a\n2,b\n`;
const FEBRUARY = `${HEADER}2,b\n3,c\n`;

let fixture: Fixture;
let resumed: number;
let plan: PlanRef;

beforeEach(async () => {
  resumed = 0;
  fixture = await Fixture.start(() => resumed++);
  plan = await fixture.plan();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await fixture.stop();
});

function completed(body: string, told: Partial<CompletedJob> = {}): CompletedJob {
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { exportId: EXPORT_ID, records: 2, bytes: body.length, sha256, ...told };
}

function transfer(job: CompletedJob, window = WINDOW): () => Promise<TransferOutcome> {
  return () => fixture.activities.transferFile({ plan, window, poll: POLL, job });
}

function merge(destinationEtag: string | null = null): Promise<MergeSummary> {
  return fixture.activities.mergeParts({
    plan,
    destination: DESTINATION,
    destinationEtag,
    accountEtags: { manifest: null, schema: null, report: null, ids: null },
    halved: [],
    keepChanges: false,
    contentType: 'text/csv',
    tags: {},
    warnings: ['a warning'],
    lostCreates: 1,
    takenOver: [],
  });
}

/** What the schema of the merged output must be. */
function schema(): OutputSchema {
  const { endAt } = WINDOWS[WINDOWS.length - 1] ?? WINDOW;
  const columns = columnsOf(['id', 'email'], []);
  return { version: 1, instance: fixture.instance, destination: DESTINATION, endAt, columns };
}

async function transferAll(): Promise<void> {
  for (const [index, window] of WINDOWS.entries()) {
    const body = index === 0 ? JANUARY : FEBRUARY;
    fixture.marketo.willReply(file(body));
    await new AttemptEnvironment().run(transfer(completed(body), window));
  }
}

describe('transferring a file', () => {
  it('stores and commits it, and tells the next attempt of its upload', async () => {
    fixture.marketo.willReply(file(JANUARY));
    const environment = new AttemptEnvironment();
    expect(await environment.run(transfer(completed(JANUARY)))).toEqual({
      outcome: 'verified',
      part: { records: 2, bytes: JANUARY.length, warnings: [] },
    });
    const { commit, partPrefix } = windowNames(RUN, WINDOW);
    const part = `${partPrefix}${EXPORT_ID}`;
    expect(fixture.s3.keys()).toEqual([`${part}.csv`, `${part}.ids`, commit, RUN.plan].sort());
    expect(fixture.s3.text(`${part}.csv`)).toBe(JANUARY);
    expect(environment.heartbeats[0]).toMatchObject({ uploadId: expect.stringMatching(/./), uploadedBytes: 0 });
  });

  it('done again fetches nothing', async () => {
    fixture.marketo.willReply(file(JANUARY));
    const first = await new AttemptEnvironment().run(transfer(completed(JANUARY)));
    expect(await new AttemptEnvironment({ attempt: 2 }).run(transfer(completed(JANUARY)))).toEqual(first);
    expect(fixture.calls()).toEqual([`${EXPORT_ID}/file.json`]);
  });

  it('heartbeats every five seconds, however slowly the bytes come', async () => {
    fixture.marketo.willReply(file(JANUARY));
    const work = (): Promise<unknown> => new AttemptEnvironment().run(transfer(completed(JANUARY)));
    expect(await intervalsDuring(work)).toContain(5_000);
  });

  it('tells of each download that is taken up again', async () => {
    const [half, rest] = [JANUARY.slice(0, 12), JANUARY.slice(12)];
    const range = `bytes 12-${JANUARY.length - 1}/${JANUARY.length}`;
    fixture.marketo.willReply(file(half), {
      status: 206,
      headers: { 'content-type': 'text/csv', 'content-range': range },
      body: rest,
    });
    await new AttemptEnvironment().run(transfer(completed(JANUARY)));
    expect(resumed).toBe(1);
  });

  it('asks for another job where the file is bad twice', async () => {
    fixture.marketo.willReply(file(FEBRUARY), file(FEBRUARY));
    expect(await new AttemptEnvironment().run(transfer(completed(JANUARY)))).toMatchObject({ outcome: 'redo' });
    expect(fixture.s3.keys()).toEqual([RUN.plan]);
    expect(fixture.s3.openUploads()).toEqual([]);
  });

  it('fetches nothing for a job without records', async () => {
    const job = { exportId: EXPORT_ID, records: 0 };
    expect(await new AttemptEnvironment().run(transfer(job))).toMatchObject({ part: { records: 0, bytes: 0 } });
    expect(fixture.calls()).toEqual([]);
  });

  it('fails for good where the plan is gone', async () => {
    fixture.s3.objects.clear();
    expect(await new AttemptEnvironment().failureOf(transfer(completed(JANUARY)))).toMatchObject({ type: 'PlanLost' });
    expect(fixture.calls()).toEqual([]);
  });
});

describe('merging parts', () => {
  beforeEach(transferAll);

  it('publishes each lead once, and accounts for it', async () => {
    expect(await new AttemptEnvironment().run(() => merge())).toMatchObject({ leads: 3, duplicates: 1 });
    expect(fixture.s3.text(OUTPUT.object.key)).toBe(`${JANUARY}3,c\n`);
    expect(JSON.parse(fixture.s3.text(OUTPUT.manifest.key))).toMatchObject({
      workflowId: 'run/window',
      runId: 'window-run',
      leads: 3,
      lostCreates: 1,
      warnings: ['a warning'],
    });
    expect(fixture.s3.openUploads()).toEqual([]);
  });

  it('says what the columns are, in manifest and schema', async () => {
    await new AttemptEnvironment().run(() => merge());
    const { columns } = JSON.parse(fixture.s3.text(OUTPUT.manifest.key)) as Manifest;
    expect(columns).toEqual([
      { name: 'id', dataType: 'string', type: 'integer' },
      { name: 'email', dataType: 'string', type: 'text' },
    ]);
    expect(outputSchema.parse(JSON.parse(fixture.s3.text(OUTPUT.schema.key)))).toEqual(schema());
  });

  it('goes on where an earlier attempt came as far as the schema', async () => {
    fixture.s3.put(OUTPUT.schema.key, JSON.stringify(schema()));
    expect(await new AttemptEnvironment().run(() => merge())).toMatchObject({ leads: 3 });
    expect(fixture.s3.keys()).toContain(OUTPUT.manifest.key);
  });

  it('leaves a schema that another run wrote since this one was planned, and accounts for nothing', async () => {
    const others = JSON.stringify({ ...schema(), endAt: '2030-01-01T00:00:00Z' });
    fixture.s3.put(OUTPUT.schema.key, others);
    expect(await new AttemptEnvironment().failureOf(() => merge())).toMatchObject({ type: 'DestinationChanged' });
    expect(fixture.s3.text(OUTPUT.schema.key)).toBe(others);
    expect(fixture.s3.keys()).not.toContain(OUTPUT.manifest.key);
  });

  it('done again tells the same, and writes the output once', async () => {
    const first = await new AttemptEnvironment().run(() => merge());
    const { etag } = fixture.s3.objects.get(OUTPUT.object.key) ?? {};
    expect(await new AttemptEnvironment({ attempt: 2 }).run(() => merge())).toEqual(first);
    expect(fixture.s3.objects.get(OUTPUT.object.key)?.etag).toBe(etag);
    expect(
      fixture.s3.requests.filter((request) => request.startsWith('POST /bucket/out/leads.csv?uploads')),
    ).toHaveLength(1);
  });

  it('heartbeats every five seconds', async () => {
    const work = (): Promise<unknown> => new AttemptEnvironment().run(() => merge());
    expect(await intervalsDuring(work)).toContain(5_000);
  });

  it.each([
    ['something else lies there than when the run was planned', null],
    ['what lay there when the run was planned is another', '"another"'],
  ])('leaves the destination where %s', async (_, planned) => {
    fixture.s3.put(OUTPUT.object.key, 'of another');
    const failure = await new AttemptEnvironment().failureOf(() => merge(planned));
    expect(failure).toMatchObject({ type: 'DestinationChanged', nonRetryable: true });
    expect(fixture.s3.text(OUTPUT.object.key)).toBe('of another');
  });

  it('publishes nothing where a window is not committed', async () => {
    fixture.s3.objects.delete(windowNames(RUN, WINDOW).commit);
    expect(await new AttemptEnvironment().failureOf(() => merge())).toMatchObject({ type: 'MergeMismatch' });
    expect(fixture.s3.keys()).not.toContain(OUTPUT.object.key);
  });
});

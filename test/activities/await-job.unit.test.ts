import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import { createActivities } from '../../src/activities/index.js';
import type { AwaitOutcome } from '../../src/contract/activities.js';
import { createObjectStore, type ObjectStore } from '../../src/storage/object-store.js';
import { refusal, ScriptedMarketo, success } from '../marketo/helpers/scripted-marketo.js';
import { AttemptEnvironment } from './environment.js';

const ID = '4f2b9115-c3f2-4e40-a87c-bf803bbfed99';
const WINDOW = { startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-31T23:59:59Z' };
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let marketo: ScriptedMarketo;
let store: ObjectStore;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
  store = createObjectStore({ forcePathStyle: true, region: 'us-east-1' });
});

afterEach(async () => {
  store.client.destroy();
  await marketo.stop();
});

function work(): Promise<AwaitOutcome> {
  const client = marketo.client();
  return createActivities({ marketo: client, store }).awaitJob({
    exportId: ID,
    window: WINDOW,
    run: { workflowId: 'run', runId: 'run-run' },
    plan: { bucket: 'b', key: 'k', sha256: 's', instance: client.instanceHost },
    poll: { initialMilliseconds: MINUTE, maximumMilliseconds: 4 * MINUTE },
  });
}

/** An attempt after the first, with what the wait kept. */
function later(heartbeatDetails?: object): AttemptEnvironment {
  return new AttemptEnvironment({ attempt: 5, ...(heartbeatDetails && { heartbeatDetails }) });
}

function willSay(status: string, more: object = {}): void {
  marketo.willReply(success([{ exportId: ID, format: 'CSV', status, createdAt: '2024-06-01T00:00:00Z', ...more }]));
}

const COMPLETED = {
  queuedAt: '2024-06-01T00:00:10Z',
  startedAt: '2024-06-01T00:01:00Z',
  finishedAt: '2024-06-01T00:02:00Z',
  numberOfRecords: 59,
  fileSize: 74_436,
  fileChecksum: `sha256:${'ab'.repeat(32)}`,
};

describe('waiting for a job', () => {
  it('asks nothing at first: the status is one interval old at the earliest', async () => {
    expect(await new AttemptEnvironment().failureOf(work)).toMatchObject({ type: 'jobQueued', nextRetryDelay: MINUTE });
    expect(marketo.requests).toEqual([]);
  });

  it('asks after 1, 2, 4, 4 … minutes, and from 1 minute on again once the job is processing', async () => {
    for (const status of ['Queued', 'Queued', 'Queued', 'Queued']) willSay(status);
    for (let call = 0; call < 4; call++) willSay('Processing', { startedAt: new Date().toISOString() });
    let environment = new AttemptEnvironment();
    const waits: unknown[] = [];
    for (let attempt = 1; attempt <= 9; attempt++) {
      const { type, nextRetryDelay } = await environment.failureOf(work);
      waits.push([type, Number(nextRetryDelay) / MINUTE]);
      environment = environment.next();
    }
    expect(waits).toEqual([
      ...[1, 2, 4, 4, 4].map((minutes) => ['jobQueued', minutes]),
      ...[1, 2, 4, 4].map((minutes) => ['jobProcessing', minutes]),
    ]);
  });

  it('asks at once where what an earlier attempt kept is lost: the attempt before has waited', async () => {
    willSay('Queued');
    expect(await later().failureOf(work)).toMatchObject({ type: 'jobQueued', nextRetryDelay: MINUTE });
    expect(marketo.requests).toHaveLength(1);
  });

  it.each([{ phase: 'dreaming', statusCalls: 3 }, { statusCalls: -1, phase: 'queued' }, 'text'])(
    'starts over where what an earlier attempt kept is odd: %j',
    async (job) => {
      willSay('Queued');
      const environment = new AttemptEnvironment({ attempt: 3, heartbeatDetails: job });
      expect(await environment.failureOf(work)).toMatchObject({ nextRetryDelay: MINUTE });
    },
  );

  it('goes on after an error of Marketo where it was', async () => {
    const job = { phase: 'queued', statusCalls: 2, awaitingSince: Date.now() };
    marketo.willReply(refusal('608', 'API Temporarily Unavailable'));
    const environment = later(job);
    expect(await environment.failureOf(work)).toMatchObject({ type: 'transient' });
    willSay('Queued');
    expect(await environment.next().failureOf(work)).toMatchObject({ type: 'jobQueued', nextRetryDelay: 4 * MINUTE });
  });

  it('tells only that it waits for more than a day, not that a job is queued', async () => {
    willSay('Queued');
    const fresh = later({ phase: 'queued', statusCalls: 1, awaitingSince: Date.now() });
    await fresh.failureOf(work);
    expect(fresh.signals).toEqual([]);
    willSay('Queued');
    const old = later({ phase: 'queued', statusCalls: 1, awaitingSince: Date.now() - 2 * DAY });
    expect((await old.failureOf(work)).message).toMatch(/for more than a day/);
  });
});

describe('the end of a job', () => {
  it('is told to the run as soon as the job is completed', async () => {
    willSay('Completed', COMPLETED);
    const environment = later();
    expect(await environment.run(work)).toEqual({
      outcome: 'completed',
      job: {
        exportId: ID,
        records: 59,
        bytes: 74_436,
        sha256: 'ab'.repeat(32),
        queuedAt: '2024-06-01T00:00:10.000Z',
        startedAt: '2024-06-01T00:01:00.000Z',
        finishedAt: '2024-06-01T00:02:00.000Z',
      },
    });
    expect(environment.signals).toEqual([
      {
        workflowId: 'run',
        runId: 'run-run',
        name: 'jobCompleted',
        argument: { window: WINDOW.startAt, records: 59, bytes: 74_436 },
      },
    ]);
  });

  it('needs no size or checksum where there are no records', async () => {
    willSay('Completed', { numberOfRecords: 0 });
    expect(await later().run(work)).toEqual({ outcome: 'completed', job: { exportId: ID, records: 0 } });
  });

  it('is left open where the number of records is not told', async () => {
    willSay('Completed', { ...COMPLETED, numberOfRecords: undefined });
    const outcome = await later().run(work);
    expect(outcome).toMatchObject({ outcome: 'completed', job: { bytes: 74_436 } });
    expect(outcome).not.toHaveProperty('job.records');
  });

  it.each(['fileSize', 'fileChecksum'])('is not believed without %s', async (key) => {
    willSay('Completed', { ...COMPLETED, [key]: undefined });
    const failure: ApplicationFailure = await later().failureOf(work);
    expect(failure).toMatchObject({ type: 'transient', nonRetryable: false });
  });

  it('may be a failure, whose reason is told', async () => {
    willSay('Failed', { errorMsg: 'Out of disk' });
    expect(await later().run(work)).toEqual({
      outcome: 'lost',
      reason: 'Marketo failed the job: Out of disk',
      counts: true,
      tooLarge: true,
    });
  });

  it.each(['Cancelled', 'Canceled', 'canceled'])('may be %s', async (status) => {
    willSay(status);
    expect(await later().run(work)).toMatchObject({ outcome: 'lost', counts: true });
  });

  it.each([
    ['1013', 'Object not found'],
    ['610', 'Requested resource not found'],
  ])('may be that Marketo does not know it any more: %s', async (code, message) => {
    marketo.willReply(refusal(code, message));
    expect(await later().run(work)).toMatchObject({ outcome: 'lost', counts: true });
  });

  it('is not held up where the run cannot be told', async () => {
    willSay('Completed', COMPLETED);
    const environment = new AttemptEnvironment({ attempt: 2 }, new Error('The run is gone'));
    expect(await environment.run(work)).toMatchObject({ outcome: 'completed' });
  });
});

describe('a job that does not get on', () => {
  it.each([
    [4, 'waits'],
    [6, 'is enqueued again'],
  ])('that is Created %d minutes after it was enqueued %s', async (minutes, what) => {
    willSay('Created');
    const environment = later({ phase: 'queued', statusCalls: 2, awaitingSince: Date.now() - minutes * MINUTE });
    if (what === 'waits') expect(await environment.failureOf(work)).toMatchObject({ type: 'jobQueued' });
    else expect(await environment.run(work)).toEqual({ outcome: 'notEnqueued' });
  });

  it.each([
    [23, 'waits'],
    [25, 'is stuck'],
  ])('that has been processing for %d hours %s', async (hours, what) => {
    willSay('Processing');
    const processingSince = Date.now() - hours * 60 * MINUTE;
    const awaitingSince = Date.now() - 2 * DAY;
    const environment = later({ phase: 'processing', statusCalls: 300, awaitingSince, processingSince });
    if (what === 'waits') expect(await environment.failureOf(work)).toMatchObject({ type: 'jobProcessing' });
    else expect(await environment.run(work)).toMatchObject({ outcome: 'stuck' });
  });

  it("is measured by one clock: Marketo's may be a day ahead or behind", async () => {
    willSay('Processing', { startedAt: new Date(Date.now() - 3 * DAY).toISOString() });
    expect(await later({ phase: 'queued' }).failureOf(work)).toMatchObject({ type: 'jobProcessing' });
  });

  it('that is Created for a moment waits on from where it was', async () => {
    willSay('Created');
    const environment = later({ phase: 'queued', statusCalls: 2, awaitingSince: Date.now() });
    expect(await environment.failureOf(work)).toMatchObject({ nextRetryDelay: 4 * MINUTE });
  });

  it('that is queued waits without end', async () => {
    willSay('Queued');
    const environment = later({ phase: 'queued', statusCalls: 5000, awaitingSince: Date.now() - 30 * DAY });
    expect(await environment.failureOf(work)).toMatchObject({ type: 'jobQueued', nextRetryDelay: 4 * MINUTE });
  });

  it('of a status that nobody knows waits for a day and then is stuck', async () => {
    willSay('Paused');
    const first = later({ phase: 'processing', statusCalls: 2, awaitingSince: Date.now() });
    expect(await first.failureOf(work)).toMatchObject({ type: 'jobProcessing' });
    expect(first.heartbeats.at(-1)).toMatchObject({ unknownSince: expect.any(Number) });

    willSay('Paused');
    const unknownSince = Date.now() - DAY - MINUTE;
    expect(
      await later({ phase: 'queued', statusCalls: 2, awaitingSince: unknownSince, unknownSince }).run(work),
    ).toMatchObject({
      outcome: 'stuck',
    });
  });

  it('of a status that nobody knew is waited for anew once it is a known one', async () => {
    willSay('Queued');
    const unknownSince = Date.now() - DAY + MINUTE;
    const environment = later({ phase: 'queued', statusCalls: 2, awaitingSince: unknownSince, unknownSince });
    await environment.failureOf(work);
    expect(environment.heartbeats.at(-1)).not.toHaveProperty('unknownSince', expect.anything());
  });
});

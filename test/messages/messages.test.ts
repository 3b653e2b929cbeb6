import { setTimeout as sleep } from 'node:timers/promises';
import { heartbeat } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { runAttempt } from '../../src/activities/attempt.js';
import { FakeWorker } from '../cli/fake-worker.js';
import { bent, json, payloads, type RawPayloads } from './arbitrary-payloads.js';
import { RawClient } from './raw-client.js';

// A task of a workflow that fails is tried again without end: what was sent to it stays in its history.

const SEED = 20_260_101;
const FAILED_TASK_SECONDS = 20;

let worker: FakeWorker;
let raw: RawClient;
beforeAll(async () => {
  const address = process.env['TEMPORAL_ADDRESS'] ?? '';
  worker = await FakeWorker.start(address);
  raw = await RawClient.connect(address, worker.taskQueue);
  worker.activities.plan = { ...worker.activities.plan, endAt: '2024-01-20T00:00:00Z' };
});
afterAll(async () => {
  await raw.close();
  await worker.stop();
});
beforeEach(() => {
  worker.activities.held = false;
});

const DESTINATION = { destination: 's3://bucket/leads.csv' };
const KEYS = [
  ...[
    'destination',
    'fields',
    'excludeFields',
    'startAt',
    'endAt',
    'concurrency',
    'windowOverlapSeconds',
    'windowDays',
  ],
  ...['megabytesPerDay', 'minLeads', 'poll', 'keepParts', 'onWindowFailure', 'contentType', 'tags', 'surprise'],
];

const WINDOW = {
  plan: { bucket: 'bucket', key: 'key', sha256: '0'.repeat(64), instance: 'host' },
  window: { startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-31T23:59:59Z' },
  poll: { initialMilliseconds: 1000, maximumMilliseconds: 4000 },
  jobs: 0,
  divisible: true,
};

const WAIT = { reason: 'queueFull', message: 'full', since: '2024-01-01T00:00:00.000Z' };
const WAIT_CHANGED = { window: '2024-01-01T00:00:00Z', wait: WAIT };

/** Messages of a run, and what each would be if it were right but for a key or two. */
const SIGNALS: Record<string, fc.Arbitrary<RawPayloads>> = {
  pause: payloads,
  resume: payloads,
  retryWindow: payloads,
  waitChanged: fc.oneof(
    payloads,
    bent(WAIT_CHANGED, ['window', 'wait']),
    bent(WAIT, ['reason', 'message', 'since', 'until']).map(([wait]) => [
      json({ wait: JSON.parse(Buffer.from(wait?.data ?? []).toString()) as unknown }),
    ]),
  ),
  jobCompleted: fc.oneof(payloads, bent({ window: WAIT_CHANGED.window }, ['window', 'records', 'bytes'])),
  warning: fc.oneof(
    payloads,
    fc.string({ maxLength: 3000 }).map((text) => [json(text)]),
  ),
  'a signal that nobody knows': payloads,
};

function samples(of: fc.Arbitrary<RawPayloads>, count: number): RawPayloads[] {
  return fc.sample(of, { seed: SEED, numRuns: count });
}

/** Waits for a workflow's end, or for a task of it that fails. */
async function endOf(handle: WorkflowHandle): Promise<{ status: string; type: string; message: string }> {
  for (let tries = 0; tries < FAILED_TASK_SECONDS * 5; tries++) {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') break;
    expect(await raw.failedTasks(handle)).toEqual([]);
    await sleep(200);
  }
  return raw.end(handle);
}

async function untilExporting(handle: WorkflowHandle): Promise<void> {
  for (;;) {
    const { stage } = (await raw.query(handle, 'progress', [])) as { stage: string };
    if (stage === 'exporting') return;
    await sleep(50);
  }
}

describe('whatever a workflow is started with, it ends, with InvalidInput where that is wrong:', () => {
  const inputs: Record<string, fc.Arbitrary<RawPayloads>> = {
    extractLeads: fc.oneof(payloads, bent(DESTINATION, KEYS)),
    extractWindow: fc.oneof(payloads, bent(WINDOW, Object.keys(WINDOW)), bent(WINDOW.plan, Object.keys(WINDOW.plan))),
  };

  it.each(Object.entries(inputs))('%s', async (type, input) => {
    for (const each of samples(input, 40)) {
      const end = await endOf(await raw.start(type, each));
      if (end.status === 'COMPLETED') continue;
      expect(end).toMatchObject({ status: 'FAILED', type: 'InvalidInput' });
      expect(end.message.length).toBeLessThanOrEqual(10_000);
    }
  });
});

describe('whatever a run is sent, it answers queries, goes on to its end and can be cancelled:', () => {
  it.each(Object.entries(SIGNALS))('signal %s', async (name, arbitrary) => {
    const sent = samples(arbitrary, 25);
    for (const ending of ['completed', 'cancelled']) {
      worker.activities.held = true;
      const run = await raw.start('extractLeads', [json(DESTINATION)]);
      await untilExporting(run);
      for (const each of sent) await raw.signal(run, name, each);
      expect(await raw.query(run, 'progress', [])).toMatchObject({ ...DESTINATION, stage: 'exporting' });
      if (ending === 'cancelled') await run.cancel();
      await raw.signal(run, 'resume', []);
      worker.activities.held = false;
      expect(await endOf(run)).toMatchObject({ status: ending.toUpperCase() });
      expect(await raw.failedTasks(run)).toEqual([]);
    }
  });

  it('signals to a window', async () => {
    worker.activities.held = true;
    const window = await raw.start('extractWindow', [json(WINDOW)]);
    for (const name of ['waitChanged', 'pause']) {
      for (const each of samples(SIGNALS['waitChanged'] ?? payloads, 25)) await raw.signal(window, name, each);
    }
    expect(await raw.query(window, 'progress', [])).toMatchObject(WINDOW.window);
    await window.cancel();
    expect(await endOf(window)).toMatchObject({ status: 'CANCELLED' });
    expect(await raw.failedTasks(window)).toEqual([]);
  });

  it('update setConcurrency: only a whole number from 1 to 10 is taken', async () => {
    worker.activities.held = true;
    const run = await raw.start('extractLeads', [json(DESTINATION)]);
    await untilExporting(run);
    for (const each of [...samples(payloads, 25), [json(0)], [json(11)], [json(2.5)], [json('2')], [json([2])], []]) {
      const text = Buffer.from(each[0]?.data ?? []).toString();
      expect(await raw.update(run, 'setConcurrency', each)).toBe(/^([1-9]|10)$/.test(text.trim()));
    }
    expect(await raw.update(run, 'setConcurrency', [json(3)])).toBe(true);
    expect(await raw.query(run, 'progress', [])).toMatchObject({ concurrency: 3 });
    await run.cancel();
    expect(await endOf(run)).toMatchObject({ status: 'CANCELLED' });
    expect(await raw.failedTasks(run)).toEqual([]);
  });

  it('queries with arguments', async () => {
    worker.activities.held = true;
    const run = await raw.start('extractLeads', [json(DESTINATION)]);
    await untilExporting(run);
    for (const each of samples(payloads, 25)) {
      expect(await raw.query(run, 'progress', each)).toMatchObject({ stage: 'exporting' });
    }
    await run.cancel();
    expect(await endOf(run)).toMatchObject({ status: 'CANCELLED' });
  });

  it('more warnings than fit into one argument of an activity', async () => {
    worker.activities.held = true;
    const run = await raw.start('extractLeads', [json(DESTINATION)]);
    await untilExporting(run);
    for (let first = 0; first < 800; first += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          raw.signal(run, 'warning', [json(`${first + index} ${'€'.repeat(1000)}`)]),
        ),
      );
    }
    worker.activities.held = false;
    expect(await endOf(run)).toMatchObject({ status: 'COMPLETED' });
    expect(await raw.failedTasks(run)).toEqual([]);
  });
});

describe('whatever an attempt left in its heartbeat', () => {
  it('the next one goes on', async () => {
    const odd = fc.sample(fc.jsonValue({ maxDepth: 3 }), { seed: SEED, numRuns: 4 });
    for (const details of [...odd, null, [], 'x', { failures: -1, wait: [] }, { wait: { since: 1 } }]) {
      const { planExtract } = worker.activities;
      let attempts = 0;
      worker.activities.planExtract = (args) => {
        if (++attempts === 1) {
          heartbeat(details);
          throw ApplicationFailure.create({ message: 'the first attempt', nextRetryDelay: 1 });
        }
        return runAttempt('host', {}, () => planExtract(args));
      };
      const run = await raw.start('extractLeads', [json(DESTINATION)]);
      const end = await endOf(run);
      worker.activities.planExtract = planExtract;
      expect([attempts, end.status]).toEqual([2, 'COMPLETED']);
    }
  });
});

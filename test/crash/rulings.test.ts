import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { Simulator } from '../../simulator/simulator.js';
import type { Manifest } from '../../src/contract/result.js';
import { readObject } from '../helpers/s3.js';
import { failureOf } from '../workflows/harness.js';
import { LARGE_FILE, ONE_WINDOW, PART_BYTES, until, withRig, type Rig } from './rig.js';

const PATIENCE = 280_000;

/** Creates before those of the windows: the instance lists a field that it does not export, which makes two. */
const FIELD_CHECKS = 2;

async function manifestOf(rig: Rig): Promise<Manifest> {
  const bytes = await readObject(rig.s3, rig.bucket, 'out/_leads.csv/manifest.json');
  return JSON.parse(bytes.toString()) as Manifest;
}

/** A run whose second window fails for good: the parts of the others stay, committed. */
async function failSecondWindow(rig: Rig, workflowId: string): Promise<void> {
  rig.simulator.faults.inject({
    endpoint: 'create',
    nth: FIELD_CHECKS + 2,
    effect: { kind: 'wrongRecordCount', by: 1 },
  });
  const failure = await failureOf((await rig.begin({}, workflowId)).result());
  expect(failure.type).toBe('WindowsFailed');
  rig.simulator.faults.clear();
}

async function partOf(rig: Rig, window: string): Promise<string> {
  const key = (await rig.keys()).find((name) => name.includes(`/${window}T00:00:00Z-`) && name.endsWith('.csv'));
  if (key === undefined) throw new Error(`There is no part of ${window}`);
  return key;
}

/** Puts something else in the place of a part, of the same size. */
async function replacePart(rig: Rig, key: string): Promise<void> {
  const { length } = await readObject(rig.s3, rig.bucket, key);
  await rig.s3.send(new PutObjectCommand({ Bucket: rig.bucket, Key: key, Body: Buffer.alloc(length, 'x') }));
}

describe('where something is not as a run left it:', () => {
  it.concurrent(
    'a part that was changed since an earlier run is exported anew',
    () =>
      withRig({}, async (rig) => {
        await rig.work();
        await failSecondWindow(rig, 'changed');
        await replacePart(rig, await partOf(rig, '2024-01-01'));
        await rig.expectRightAndClean(await (await rig.begin({}, 'changed')).result());
        const { windows } = await manifestOf(rig);
        expect(windows.map(({ takenOver }) => takenOver)).toEqual([false, false, true]);
      }),
    PATIENCE,
  );

  it.concurrent(
    'a part that is changed during the run fails the merge, and nothing is published',
    () =>
      withRig({}, async (rig) => {
        rig.simulator.faults.inject({
          endpoint: 'create',
          nth: FIELD_CHECKS + 2,
          effect: { kind: 'wrongRecordCount', by: 1 },
        });
        await rig.work();
        const run = await rig.begin({ onWindowFailure: 'wait' });
        await until(async () => (await run.query<{ stage: string }>('progress')).stage === 'waiting for retryWindow');
        await replacePart(rig, await partOf(rig, '2024-01-01'));
        await run.signal('retryWindow', '2024-02-01T00:00:00Z');
        expect((await failureOf(run.result())).type).toBe('MergeMismatch');
        expect((await rig.keys()).filter((key) => !key.includes('/parts/'))).toEqual([]);
        await rig.expectNothingOpen();
      }),
    PATIENCE,
  );

  it.concurrent(
    "a sandbox's parts are not taken over by a run on production",
    () =>
      withRig({ seed: 1 }, async (sandbox) => {
        const worker = await sandbox.work();
        await failSecondWindow(sandbox, 'promoted');
        await worker.kill();
        const production = await Simulator.start({ ...sandbox.simulator.options, port: 0, seed: 2 });
        try {
          await sandbox.work({ MARKETO_ENDPOINT: production.url });
          const { startAt, endAt } = await (await sandbox.begin({}, 'promoted')).result();
          const answer = await fetch(`${production.url}/simulator/expected?startAt=${startAt}&endAt=${endAt}`);
          const expected = Buffer.from(await answer.arrayBuffer());
          expect((await readObject(sandbox.s3, sandbox.bucket, 'out/leads.csv')).equals(expected)).toBe(true);
          const { windows, instance } = await manifestOf(sandbox);
          expect(windows.map(({ takenOver }) => takenOver)).toEqual([false, false, false]);
          expect(instance).toBe(new URL(production.url).host);
        } finally {
          await production.close();
        }
      }),
    PATIENCE,
  );
  it.concurrent(
    'two runs on one destination: the second to publish leaves it as it is and keeps its parts for another try',
    () =>
      withRig({}, async (rig) => {
        await rig.work();
        // The first run waits before it publishes until the second has.
        rig.proxy.inject({ operation: 'CompleteMultipartUpload', key: /^out\/leads\.csv$/, effect: { kind: 'reset' } });
        const first = await rig.begin();
        await until(() => rig.proxy.struck > 0);
        await rig.s3.send(new PutObjectCommand({ Bucket: rig.bucket, Key: 'out/leads.csv', Body: 'of another' }));
        rig.proxy.clear();
        const failure = await failureOf(first.result());
        expect(failure.type).toBe('DestinationChanged');
        expect((await readObject(rig.s3, rig.bucket, 'out/leads.csv')).toString()).toBe('of another');
        await rig.expectNothingOpen();

        const calls = rig.windowJobs.length;
        await rig.expectRightAndClean(await (await rig.begin({}, first.workflowId)).result());
        expect(rig.windowJobs).toHaveLength(calls);
      }),
    PATIENCE,
  );
  it.concurrent(
    'an attempt that finds heartbeat details of another encoding begins afresh',
    () =>
      withRig({}, async (rig) => {
        rig.simulator.faults.inject({ endpoint: 'folders', nth: 1, effect: { kind: 'hang', seconds: 20 } });
        await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(() => rig.simulator.faults.struck['hang'] === 1);
        const { raw } = await run.describe();
        const { connection, options } = rig.client;
        const encoding = Buffer.from('binary/encrypted');
        await connection.workflowService.respondActivityTaskFailedById({
          namespace: options.namespace,
          workflowId: run.workflowId,
          activityId: raw.pendingActivities?.[0]?.activityId ?? '',
          failure: { message: 'the first attempt', applicationFailureInfo: { type: 'test' } },
          lastHeartbeatDetails: { payloads: [{ metadata: { encoding }, data: Buffer.alloc(64, 7) }] },
        });
        await rig.expectRightAndClean(await run.result());
      }),
    PATIENCE,
  );
  it.concurrent(
    'a worker that stood still for minutes, in the middle of a download, does no harm when it wakes',
    () =>
      withRig(LARGE_FILE, async (rig) => {
        rig.simulator.faults.inject({
          endpoint: 'file',
          nth: 1,
          effect: { kind: 'stallAfterBytes', bytes: PART_BYTES + 1000 },
        });
        const asleep = await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(async () => (await rig.uploadedBytes()) === PART_BYTES);
        asleep.signal('SIGSTOP');
        await rig.work();
        // The other has taken over, and waits with all bytes in S3.
        rig.proxy.inject({ operation: 'CompleteMultipartUpload', key: '/parts/', effect: { kind: 'reset' } });
        await until(() => rig.proxy.struck > 0);
        asleep.signal('SIGCONT');
        await sleep(5_000);
        rig.proxy.clear();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
      }),
    PATIENCE,
  );
});

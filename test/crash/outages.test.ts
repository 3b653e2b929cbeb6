import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { startS3, startTemporal } from '../../scripts/servers/index.js';
import { LARGE_FILE, ONE_WINDOW, PART_BYTES, Rig, until, withRig } from './rig.js';

const PATIENCE = 280_000;

describe('an outage', () => {
  it.concurrent(
    'of one of two workers: they go on as one when the one that downloads is killed',
    () =>
      withRig(LARGE_FILE, async (rig) => {
        rig.simulator.faults.inject({
          endpoint: 'file',
          nth: 1,
          effect: { kind: 'stallAfterBytes', bytes: PART_BYTES + 1000 },
        });
        const first = await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(async () => (await rig.uploadedBytes()) === PART_BYTES);
        await rig.work();
        await first.kill();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
        expect(rig.downloadsFrom.slice(0, 2)).toEqual([0, PART_BYTES]);
      }),
    PATIENCE,
  );

  it.concurrent(
    'of a worker that is told to stop: it hands a download over within its grace time: the next one goes on behind the bytes that are in S3',
    () =>
      withRig(LARGE_FILE, async (rig) => {
        rig.simulator.faults.inject({
          endpoint: 'file',
          nth: 1,
          effect: { kind: 'stallAfterBytes', bytes: PART_BYTES + 1000 },
        });
        const first = await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(async () => (await rig.uploadedBytes()) === PART_BYTES);
        first.signal('SIGTERM');
        await until(() => !isAlive(first.pid));
        expect(first.log()).not.toContain('The worker stopped:');
        // Neither job nor upload was given up: that is for the workflow alone to decide.
        expect(rig.calls('cancel')).toBe(1);
        expect(await rig.uploadedBytes()).toBe(PART_BYTES);
        await rig.work();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
        expect(rig.downloadsFrom.slice(0, 2)).toEqual([0, PART_BYTES]);
      }),
    PATIENCE,
  );

  it.concurrent(
    'of Temporal, in the middle of a run, changes nothing of the output',
    async () => {
      const temporal = await startTemporal();
      const rig = await Rig.start({ processingSeconds: [3000, 3000] }, { ...process.env, ...temporal.env });
      try {
        await rig.work();
        const run = await rig.begin();
        await until(() => rig.windowJobs.length === 2);
        await temporal.kill();
        await sleep(5_000);
        await temporal.restart();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
      } finally {
        await rig.stop();
        await temporal.stop();
      }
    },
    PATIENCE,
  );

  it.concurrent(
    'of S3, in the middle of a run, changes nothing of the output',
    async () => {
      const s3 = await startS3();
      const rig = await Rig.start({}, { ...process.env, ...s3.env });
      try {
        await rig.work();
        const run = await rig.begin();
        await until(() => rig.windowJobs.length === 2);
        await s3.kill();
        await until(() => rig.windowJobs[1]?.state === 'Completed');
        await sleep(3_000);
        await s3.restart();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
      } finally {
        await rig.stop();
        await s3.stop();
      }
    },
    PATIENCE,
  );
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

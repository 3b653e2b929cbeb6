import { describe, expect, it } from '@jest/globals';
import { LARGE_FILE, ONE_WINDOW, PART_BYTES, until, withRig } from './rig.js';

// What a killed worker had under way is given to another only when its heartbeat is missed: 60 s for a transfer, 2 min for a call.
const PATIENCE = 280_000;

const MEBIBYTE = 1024 * 1024;

describe('a worker that is killed while it exports windows: another one goes on', () => {
  it.concurrent(
    'after a job was created: it is enqueued, and no other made',
    () =>
      withRig({}, async (rig) => {
        rig.simulator.faults.inject({ endpoint: 'enqueue', nth: 1, effect: { kind: 'hang', seconds: 600 } });
        await rig.work();
        const run = await rig.begin();
        await until(() => rig.calls('enqueue') === 1);
        await rig.crash();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
      }),
    PATIENCE,
  );

  it.concurrent(
    'while a job is processed: it is waited for, and neither made nor enqueued again',
    () =>
      withRig({ processingSeconds: [8000, 8000] }, async (rig) => {
        await rig.work();
        const run = await rig.begin();
        await until(() => rig.windowJobs[0]?.state === 'Processing' && rig.windowJobs[0].statusCalls.length > 1);
        await rig.crash();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
        expect(rig.calls('enqueue')).toBe(3);
      }),
    PATIENCE,
  );

  it.concurrent(
    'in the middle of a download: it goes on behind the bytes that are in S3',
    () =>
      withRig(LARGE_FILE, async (rig) => {
        const received = PART_BYTES + 3 * MEBIBYTE;
        rig.simulator.faults.inject({
          endpoint: 'file',
          nth: 1,
          effect: { kind: 'stallAfterBytes', bytes: received },
        });
        await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(async () => (await rig.uploadedBytes()) === PART_BYTES);
        await rig.crash();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
        // Less than a part of what was received is fetched again, and nothing of what was stored but the first lines: they
        // tell the line end that the file's last line lacks.
        expect(rig.downloadsFrom).toEqual([0, PART_BYTES, 0]);
      }),
    PATIENCE,
  );

  it.concurrent(
    'between the last byte and the completion of its object: nothing of the file is fetched again',
    () =>
      withRig(LARGE_FILE, async (rig) => {
        rig.proxy.inject({ operation: 'CompleteMultipartUpload', key: '/parts/', effect: { kind: 'hold' } });
        await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(() => rig.proxy.struck > 0);
        await rig.crash();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
        expect(rig.downloadsFrom).toEqual([0]);
      }),
    PATIENCE,
  );

  it.concurrent(
    'after its object was completed without its knowing: the object is verified, and nothing fetched again',
    () =>
      withRig(LARGE_FILE, async (rig) => {
        rig.proxy.inject({ operation: 'CompleteMultipartUpload', key: '/parts/', effect: { kind: 'holdAnswer' } });
        await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(() => rig.proxy.struck > 0);
        await rig.crash();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
        expect(rig.downloadsFrom).toEqual([0]);
      }),
    PATIENCE,
  );

  it.concurrent(
    'between verification and the commit record: the object is verified again, and nothing fetched again',
    () =>
      withRig({}, async (rig) => {
        rig.proxy.inject({ operation: 'PutObject', key: /Z\.json$/, effect: { kind: 'hold' }, times: 1 });
        await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(() => rig.proxy.struck > 0);
        await rig.crash();
        await rig.expectRightAndClean(await run.result());
        rig.expectOneJobPerWindow();
        expect(rig.downloadsFrom).toHaveLength(rig.windowJobs.filter(({ facts }) => (facts?.records ?? 0) > 0).length);
      }),
    PATIENCE,
  );
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { centralDay } from '../../src/contract/central-day.js';
import { pauseSignal, progressQuery, resumeSignal, retryWindowSignal } from '../../src/contract/messages.js';
import { FakeActivities } from './fake-activities.js';
import { Harness } from './harness.js';

const FIRST = '2024-01-01T00:00:00Z';

let harness: Harness;
let activities: FakeActivities;
/** When each file was transferred, by the server's clock. */
let transferredAt: number[];
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => {
  activities = new FakeActivities();
  transferredAt = [];
  const { transferFile } = activities;
  activities.transferFile = async (args) => {
    const { outcome } = await transferFile(args);
    transferredAt.push(await harness.env.currentTimeMs());
    if (outcome === 'redo') throw new Error('It should not');
    return { outcome, part: { records: 10, bytes: 600_000, warnings: [] } };
  };
});

/** Files of 0.6 MB: one a day. */
const INPUT = { destination: 's3://bucket/leads.csv', megabytesPerDay: 1 } as const;

function daysOf(moments: readonly number[]): number {
  return new Set(moments.map((moment) => centralDay(moment).start)).size;
}

describe('a run with a share of the quota', () => {
  it('goes on at midnight, each day anew, though nothing else happens', async () => {
    await harness.with(activities, async (run) => (await run.start(INPUT)).result());
    expect(transferredAt).toHaveLength(6);
    expect(daysOf(transferredAt)).toBe(6);
    for (const moment of transferredAt.slice(1)) expect(moment - centralDay(moment).start).toBeLessThan(60_000);
  });

  it('tells what it waits for and until when, and no more once it exports', async () => {
    await harness.with(activities, async (run) => {
      const handle = await run.start(INPUT);
      while ((await handle.query(progressQuery)).windows.completed === 0) await harness.env.sleep('1 second');
      const { end } = centralDay(await harness.env.currentTimeMs());
      const { wait, windows } = await handle.query(progressQuery);
      expect(wait).toMatchObject({ reason: 'quotaShare', until: new Date(end).toISOString() });
      expect(windows).toMatchObject({ completed: 1, exporting: 0, pending: 5 });
      await handle.result();
      expect(await handle.query(progressQuery)).not.toHaveProperty('wait');
    });
  });

  it('waits for it also after a pause that was begun within the share', async () => {
    let resume: () => void = () => undefined;
    const resumed = new Promise<void>((resolve) => (resume = resolve));
    const { awaitJob } = activities;
    activities.awaitJob = async (args) => {
      await resumed;
      return awaitJob(args);
    };
    await harness.with(activities, async (run) => {
      const handle = await run.start(INPUT);
      while (activities.named('enqueueJob').length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await handle.signal(pauseSignal);
      resume();
      while ((await handle.query(progressQuery)).windows.completed === 0) await harness.env.sleep('1 second');
      expect(await handle.query(progressQuery)).not.toHaveProperty('wait');
      await handle.signal(resumeSignal);
      expect((await handle.query(progressQuery)).wait).toMatchObject({ reason: 'quotaShare' });
      await handle.result();
    });
    expect(daysOf(transferredAt)).toBe(6);
  });

  it('exports a window that is retried once there is a share of it', async () => {
    let broken = true;
    const { transferFile } = activities;
    activities.transferFile = (args) => {
      if (!broken || args.window.startAt !== FIRST) return transferFile(args);
      throw ApplicationFailure.nonRetryable('9 records were counted', 'WindowFailed');
    };
    await harness.with(activities, async (run) => {
      const handle = await run.start({ ...INPUT, onWindowFailure: 'wait' });
      while ((await handle.query(progressQuery)).stage !== 'waiting for retryWindow')
        await harness.env.sleep('12 hours');
      broken = false;
      await handle.signal(retryWindowSignal, FIRST);
      while ((await handle.query(progressQuery)).wait === undefined) await harness.env.sleep('1 second');
      expect((await handle.query(progressQuery)).wait).toMatchObject({ reason: 'quotaShare' });
      return handle.result();
    });
    expect(activities.named('mergeParts')).toHaveLength(1);
  });
});

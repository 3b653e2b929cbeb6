import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { progressQuery, retryWindowSignal } from '../../src/contract/messages.js';
import { windowsOf } from '../../src/contract/windows.js';
import { FakeActivities } from './fake-activities.js';
import { failureOf, Harness } from './harness.js';

let harness: Harness;
let activities: FakeActivities;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(async () => {
  await harness.stop();
});
beforeEach(() => {
  activities = new FakeActivities();
});

const WINDOWS = windowsOf({
  startAt: '2024-01-01T00:00:00Z',
  endAt: '2024-06-30T23:59:59Z',
  windowOverlapSeconds: 0,
  windowDays: 31,
}).map(({ startAt }) => startAt);

describe('extractLeads', () => {
  it('plans, exports every window once, merges and clears up', async () => {
    const result = await harness.with(activities, async (run) => (await run.start()).result());
    expect(result).toEqual({
      destination: 's3://bucket/leads.csv',
      manifest: 's3://bucket/_leads.csv/manifest.json',
      leads: 55,
      duplicates: 5,
      windows: 6,
      bytes: 5000,
      startAt: '2024-01-01T00:00:00Z',
      endAt: '2024-06-30T23:59:59Z',
      mode: 'full',
    });
    expect(activities.named('createJob').map(({ window }) => window)).toEqual(WINDOWS);
    expect(activities.named('transferFile')).toHaveLength(6);
    expect(activities.calls.slice(-2).map(({ name }) => name)).toEqual(['mergeParts', 'cleanUp']);
    expect(activities.named('abandonWindow')).toEqual([]);
  });

  it.each([
    [{ destination: 'nowhere', concurrency: 99 }, ['destination: got "nowhere"', 'concurrency: got 99']],
    [null, ['input: got null']],
    [{ destination: 's3://bucket/key', surprise: 1 }, ['"surprise": not a key']],
    [{ destination: 's3://bucket/key', endAt: '2999-01-01T00:00:00Z' }, ['endAt: got "2999-01-01T00:00:00Z"']],
  ])('fails at once with InvalidInput for %j', async (input, messages) => {
    const failure = await harness.with(activities, async (run) => failureOf((await run.start(input)).result()));
    expect(failure.type).toBe('InvalidInput');
    for (const message of messages) expect(failure.message).toContain(message);
    expect(activities.calls).toEqual([]);
  });

  it('refuses a workflow id that leaves no room for its children', async () => {
    const failure = await harness.with(activities, async (run) =>
      failureOf((await run.start(undefined, 'x'.repeat(231))).result()),
    );
    expect(failure.message).toContain('workflow id: got 231 characters');
  });

  it('exports nothing again that an earlier run verified', async () => {
    activities.plan = {
      ...activities.plan,
      takenOver: WINDOWS.slice(0, 4).map((window) => ({ window, records: 7, bytes: 700 })),
    };
    const progress = await harness.with(activities, async (run) => {
      const handle = await run.start();
      await handle.result();
      return handle.query(progressQuery);
    });
    expect(activities.named('createJob').map(({ window }) => window)).toEqual(WINDOWS.slice(4));
    expect(progress.windows).toMatchObject({ total: 6, completed: 2, 'taken over': 4 });
    expect(progress.records).toBe(4 * 7 + 2 * 10);
  });

  it('lets the other windows finish when one is beyond help, then fails naming it', async () => {
    const { transferFile } = activities;
    activities.transferFile = (args) => {
      if (args.window.startAt !== WINDOWS[1]) return transferFile(args);
      throw ApplicationFailure.nonRetryable('9 records were counted', 'WindowFailed');
    };
    const failure = await harness.with(activities, async (run) => failureOf((await run.start()).result()));
    expect(failure.type).toBe('WindowsFailed');
    expect(failure.message).toContain(`1 of 6 windows failed`);
    expect(failure.message).toContain(`${WINDOWS[1] ?? ''} to 2024-03-02T23:59:59Z: 9 records were counted`);
    expect(activities.named('transferFile')).toHaveLength(5);
    expect(activities.named('mergeParts')).toEqual([]);
    expect(activities.named('abandonWindow')).toEqual([expect.objectContaining({ window: WINDOWS[1] })]);
  });

  it('starts no further window once Marketo refuses access', async () => {
    activities.createJob = () => {
      activities.note('createJob', {});
      throw ApplicationFailure.nonRetryable('603 Access denied', 'MarketoAccess');
    };
    const failure = await harness.with(activities, async (run) => failureOf((await run.start()).result()));
    expect(failure.message).toContain('1 of 6 windows failed, 5 were not started');
    expect(failure.message).toContain('603 Access denied');
    expect(activities.named('createJob')).toHaveLength(1);
  });

  it('waits for retryWindow instead of failing when told so', async () => {
    let broken = true;
    const { transferFile } = activities;
    activities.transferFile = (args) => {
      if (!broken || args.window.startAt !== WINDOWS[2]) return transferFile(args);
      throw ApplicationFailure.nonRetryable('9 records were counted', 'WindowFailed');
    };
    const result = await harness.with(activities, async (run) => {
      const handle = await run.start({ destination: 's3://bucket/leads.csv', onWindowFailure: 'wait' });
      while ((await handle.query(progressQuery)).stage !== 'waiting for retryWindow')
        await harness.env.sleep('1 second');
      expect(await handle.query(progressQuery)).toMatchObject({
        windows: { failed: 1, completed: 5 },
        current: [{ startAt: WINDOWS[2], state: 'failed', reason: '9 records were counted' }],
      });
      broken = false;
      await handle.signal(retryWindowSignal, WINDOWS[2] ?? '');
      return handle.result();
    });
    expect(result.windows).toBe(6);
    expect(activities.named('mergeParts')).toHaveLength(1);
  });

  it.each([
    ['full', 'each week and before it merges', 3],
    ['update', 'at once, each week and before it merges', 4],
  ] as const)('of mode %s collects which leads are gone %s', async (mode, _when, times) => {
    activities.plan = { ...activities.plan, mode };
    let broken = true;
    const { transferFile } = activities;
    activities.transferFile = (args) => {
      if (!broken) return transferFile(args);
      throw ApplicationFailure.nonRetryable('9 records were counted', 'WindowFailed');
    };
    await harness.with(activities, async (run) => {
      const handle = await run.start({ destination: 's3://bucket/leads.csv', onWindowFailure: 'wait', mode });
      while ((await handle.query(progressQuery)).stage !== 'waiting for retryWindow')
        await harness.env.sleep('1 second');
      await harness.env.sleep('15 days');
      broken = false;
      for (const window of WINDOWS) await handle.signal(retryWindowSignal, window);
      return handle.result();
    });
    expect(activities.named('collectGone')).toHaveLength(times);
    const order = activities.calls.map(({ name }) => name).filter((name) => /collectGone|mergeParts/.test(name));
    expect(order.at(-1)).toBe('mergeParts');
  });

  it.each([
    ['may not', () => Promise.resolve({ outcome: 'noPermission' } as const), 1],
    ['cannot', () => Promise.reject(ApplicationFailure.nonRetryable('610 Not found', 'MarketoRefused')), 1],
  ])('of mode full goes on without where it %s', async (_why, collectGone, times) => {
    activities.collectGone = () => {
      activities.note('collectGone', {});
      return collectGone();
    };
    const result = await harness.with(activities, async (run) => (await run.start()).result());
    expect(result).toMatchObject({ mode: 'full', leads: 55 });
    expect(activities.named('collectGone')).toHaveLength(times);
  });

  it('makes a new job when one is lost, at most three for a window', async () => {
    activities.awaitJob = async ({ window, exportId }) =>
      window.startAt === WINDOWS[0]
        ? { outcome: 'lost', reason: 'Marketo failed the job', counts: true }
        : { outcome: 'completed', job: activities.completed(exportId) };
    const failure = await harness.with(activities, async (run) => failureOf((await run.start()).result()));
    expect(failure.message).toContain('3 jobs came to nothing. The last one: Marketo failed the job');
    expect(activities.named('createJob').filter(({ window }) => window === WINDOWS[0])).toHaveLength(3);
    expect(activities.named('createJob')).toHaveLength(3 + 5);
  });

  it('does not count a job that was lost while it waited for quota', async () => {
    let lost = 0;
    activities.enqueueJob = async ({ window }) =>
      window.startAt === WINDOWS[0] && ++lost <= 5
        ? { outcome: 'lost', reason: 'gone', counts: false }
        : { outcome: 'enqueued' };
    await harness.with(activities, async (run) => (await run.start()).result());
    expect(activities.named('createJob').filter(({ window }) => window === WINDOWS[0])).toHaveLength(6);
  });

  it('exports a window again in a new child when its file was bad, and gives up after three jobs', async () => {
    const { transferFile } = activities;
    let bad = 2;
    activities.transferFile = (args) =>
      args.window.startAt === WINDOWS[0] && bad-- > 0
        ? Promise.resolve({ outcome: 'redo', reason: 'SHA-256 differs' })
        : transferFile(args);
    await harness.with(activities, async (run) => (await run.start()).result());
    expect(activities.named('createJob').filter(({ window }) => window === WINDOWS[0])).toHaveLength(3);

    activities = new FakeActivities();
    activities.transferFile = async () => ({ outcome: 'redo', reason: 'SHA-256 differs' });
    const failure = await harness.with(activities, async (run) => failureOf((await run.start()).result()));
    expect(failure.message).toContain('6 of 6 windows failed');
    expect(activities.named('createJob')).toHaveLength(18);
  });

  it('cancels a stuck job before it makes another', async () => {
    let stuck = true;
    activities.awaitJob = async ({ exportId }) => {
      if (!stuck) return { outcome: 'completed', job: activities.completed(exportId) };
      stuck = false;
      return { outcome: 'stuck', reason: 'processing for a day' };
    };
    await harness.with(activities, async (run) => (await run.start()).result());
    expect(activities.named('abandonWindow')).toEqual([
      { name: 'abandonWindow', window: WINDOWS[0], exportId: 'job-1' },
    ]);
    expect(activities.named('createJob')).toHaveLength(7);
  });

  it('enqueues again a job that Marketo still calls Created', async () => {
    let forgotten = true;
    activities.awaitJob = async ({ exportId }) => {
      if (!forgotten) return { outcome: 'completed', job: activities.completed(exportId) };
      forgotten = false;
      return { outcome: 'notEnqueued' };
    };
    await harness.with(activities, async (run) => (await run.start()).result());
    expect(activities.named('enqueueJob')).toHaveLength(7);
    expect(activities.named('createJob')).toHaveLength(6);
  });

  it('clears up every open window when it is cancelled, and ends cancelled', async () => {
    activities.awaitJob = () => {
      throw ApplicationFailure.create({
        message: 'queued',
        category: ApplicationFailureCategory.BENIGN,
        nextRetryDelay: '1 hour',
      });
    };
    await harness.with(activities, async (run) => {
      const handle = await run.start({ destination: 's3://bucket/leads.csv', concurrency: 2 });
      while (activities.named('enqueueJob').length < 2) await harness.env.sleep('1 second');
      await handle.cancel();
      const error: unknown = await handle.result().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(WorkflowFailedError);
      expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
    });
    expect(
      activities
        .named('abandonWindow')
        .map(({ exportId }) => exportId)
        .sort(),
    ).toEqual(['job-1', 'job-2']);
    expect(activities.named('mergeParts')).toEqual([]);
  });

  it('only warns when clearing up fails after the output was published', async () => {
    activities.cleanUp = () => {
      throw ApplicationFailure.nonRetryable('AccessDenied', 'StorageAccess');
    };
    const warnings = await harness.with(activities, async (run) => {
      const handle = await run.start();
      await handle.result();
      return (await handle.query(progressQuery)).warnings;
    });
    expect(warnings).toEqual([expect.stringContaining('Could not clear up: AccessDenied')]);
  });
});

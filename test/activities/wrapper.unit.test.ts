import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { runAttempt } from '../../src/activities/attempt.js';
import { cleanUp } from '../../src/activities/clean-up.js';
import { createJob } from '../../src/activities/create-job.js';
import { planExtract } from '../../src/activities/plan-extract.js';
import type { Activities, PlanRef } from '../../src/contract/activities.js';
import { AttemptEnvironment } from './environment.js';
import { DESTINATION, EXPORT_ID, Fixture, POLL, WINDOW } from './fixture.js';
import { PLAIN_MERGE } from '../fixtures/merge.js';

const OTHER_HOST = '999-zzz-999.mktorest.com';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await Fixture.start();
});

afterEach(async () => {
  jest.useRealTimers();
  await fixture.stop();
});

/** Each activity that works on a plan, called for a plan of another instance. */
const CALLS: Readonly<
  Record<Exclude<keyof Activities, 'planExtract' | 'closeEarlierWindows'>, (plan: PlanRef) => Promise<unknown>>
> = {
  createJob: (plan) => fixture.activities.createJob({ plan, window: WINDOW, poll: POLL }),
  enqueueJob: (plan) => fixture.activities.enqueueJob({ plan, window: WINDOW, poll: POLL, exportId: EXPORT_ID }),
  awaitJob: (plan) => fixture.activities.awaitJob({ plan, window: WINDOW, poll: POLL, exportId: EXPORT_ID }),
  transferFile: (plan) =>
    fixture.activities.transferFile({ plan, window: WINDOW, poll: POLL, job: { exportId: EXPORT_ID, records: 0 } }),
  abandonWindow: (plan) => fixture.activities.abandonWindow({ plan, window: WINDOW, exportId: EXPORT_ID }),
  collectGone: (plan) => fixture.activities.collectGone({ plan }),
  mergeParts: (plan) =>
    fixture.activities.mergeParts({
      plan,
      destination: DESTINATION,
      ...PLAIN_MERGE,
    }),
  abandonMerge: (plan) => fixture.activities.abandonMerge({ plan }),
  cleanUp: (plan) => fixture.activities.cleanUp({ plan, keepParts: false }),
};

describe('a worker of another instance', () => {
  it.each(Object.entries(CALLS))('waits instead of %s, and calls neither Marketo nor S3', async (_, call) => {
    const plan = { bucket: 'bucket', key: 'k/plan.json', sha256: 'x', instance: OTHER_HOST };
    const environment = new AttemptEnvironment();
    const failure = await environment.failureOf(() => call(plan));
    expect(failure).toMatchObject({ type: 'otherInstance', nonRetryable: false, nextRetryDelay: 60_000 });
    expect(failure.message).toContain(OTHER_HOST);
    expect(failure.message).toContain(fixture.instance);
    expect(environment.signals[0]?.argument).toMatchObject({ wait: { reason: 'otherInstance' } });
    expect([...fixture.marketo.requests, ...fixture.marketo.identityRequests, ...fixture.s3.requests]).toEqual([]);
  });
});

describe('the work of an activity', () => {
  it('is no activity by itself: without the attempt around it, it does not compile', () => {
    const bare: Partial<Activities> = {
      // @ts-expect-error: it wants what it works with and an attempt
      planExtract,
      // @ts-expect-error: likewise
      createJob,
      // @ts-expect-error: likewise
      cleanUp,
    };
    for (const name of ['planExtract', 'createJob', 'cleanUp'] as const) {
      expect(bare[name]).toHaveLength(3);
      expect(fixture.activities[name]).toHaveLength(1);
    }
  });
});

describe('work of any kind', () => {
  it('beats every five seconds with what is known, though it has nothing to tell itself, and no longer once it is done', async () => {
    const environment = new AttemptEnvironment();
    jest.useFakeTimers({
      doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'setTimeout'],
    });
    await environment.run(() =>
      runAttempt('host', {}, (attempt) => {
        attempt.remember({ uploadId: 'u' });
        jest.advanceTimersByTime(60_000);
        return Promise.resolve();
      }),
    );
    jest.advanceTimersByTime(60_000);
    expect(environment.heartbeats).toHaveLength(1 + 12);
    expect(environment.heartbeats.at(-1)).toMatchObject({ uploadId: 'u' });
  });
});

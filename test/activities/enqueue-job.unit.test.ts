import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EnqueueOutcome } from '../../src/contract/activities.js';
import { refusal } from '../marketo/helpers/scripted-marketo.js';
import { AttemptEnvironment } from './environment.js';
import { EXPORT_ID, Fixture, job, JOB_GONE, MINUTE } from './fixture.js';

const QUEUE_FULL = refusal('1029', 'Too many jobs (10) in queue');
const QUOTA = refusal('1029', 'Export daily quota 500MB exceeded');

let fixture: Fixture;

beforeEach(async () => {
  fixture = await Fixture.start();
});

afterEach(async () => {
  await fixture.stop();
});

async function work(): Promise<EnqueueOutcome> {
  return fixture.activities.enqueueJob({ ...(await fixture.windowArgs()), exportId: EXPORT_ID });
}

describe('enqueueing a job', () => {
  it('succeeds where Marketo takes it', async () => {
    fixture.marketo.willReply(job('Queued'));
    expect(await new AttemptEnvironment().run(work)).toEqual({ outcome: 'enqueued' });
    expect(fixture.calls()).toEqual([`${EXPORT_ID}/enqueue.json`]);
  });

  it('waits for a place in the queue, longer each time, whatever came between', async () => {
    fixture.marketo.willReply(
      QUEUE_FULL,
      QUEUE_FULL,
      refusal('608', 'Temporarily unavailable'),
      QUEUE_FULL,
      job('Queued'),
    );
    let environment = new AttemptEnvironment();
    const minutes: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt++) {
      minutes.push(Math.floor(Number((await environment.failureOf(work)).nextRetryDelay) / MINUTE));
      environment = environment.next();
    }
    expect(minutes).toEqual([1, 2, 0, 4]);
    expect(await environment.run(work)).toEqual({ outcome: 'enqueued' });
  });

  it.each(['Queued', 'Processing', 'Completed'])(
    'counts as done where it is refused and the job is %s: an earlier answer was lost',
    async (status) => {
      fixture.marketo.willReply(refusal('1003', 'Invalid state'), job(status));
      expect(await new AttemptEnvironment().run(work)).toEqual({ outcome: 'enqueued' });
      expect(fixture.calls()).toEqual([`${EXPORT_ID}/enqueue.json`, `${EXPORT_ID}/status.json`]);
    },
  );

  it('fails for good where it is refused and the job is still Created', async () => {
    fixture.marketo.willReply(refusal('1003', 'Invalid state'), job('Created'));
    expect(await new AttemptEnvironment().failureOf(work)).toMatchObject({
      type: 'MarketoRefused',
      nonRetryable: true,
    });
  });

  it('tells that the job is gone, which uses it up', async () => {
    fixture.marketo.willReply(JOB_GONE);
    expect(await new AttemptEnvironment().run(work)).toMatchObject({ outcome: 'lost', counts: true });
  });

  it('does not use a job up that is gone after it had to wait for the quota', async () => {
    fixture.marketo.willReply(QUOTA, JOB_GONE);
    const environment = new AttemptEnvironment();
    expect(await environment.failureOf(work)).toMatchObject({ type: 'exportQuota' });
    expect(await environment.next().run(work)).toMatchObject({ outcome: 'lost', counts: false });
  });
});

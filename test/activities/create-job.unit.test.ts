import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreatedJob } from '../../src/contract/activities.js';
import { refusal } from '../marketo/helpers/scripted-marketo.js';
import { AttemptEnvironment } from './environment.js';
import { EXPORT_ID, Fixture, job, NO_ANSWER, RUN, WINDOW } from './fixture.js';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await Fixture.start();
});

afterEach(async () => {
  await fixture.stop();
});

async function work(): Promise<CreatedJob> {
  return fixture.activities.createJob(await fixture.windowArgs());
}

describe('creating a job', () => {
  it("asks for the plan's fields over the window, and tells the job to the next attempt", async () => {
    fixture.marketo.willReply(job('Created'));
    const environment = new AttemptEnvironment();
    expect(await environment.run(work)).toEqual({ exportId: EXPORT_ID, lostCreates: 0 });
    expect(JSON.parse(fixture.marketo.requests[0]?.body ?? '')).toEqual({
      fields: ['id', 'email'],
      format: 'CSV',
      filter: { createdAt: WINDOW },
    });
    expect(await environment.next().run(work)).toEqual({ exportId: EXPORT_ID, lostCreates: 0 });
    expect(fixture.calls()).toEqual(['export/create.json']);
  });

  it('counts the creates whose answer was lost, and makes another', async () => {
    fixture.marketo.willReply(NO_ANSWER, NO_ANSWER, job('Created'));
    const first = new AttemptEnvironment();
    expect(await first.failureOf(work)).toMatchObject({ type: 'transient' });
    const second = first.next();
    expect(await second.failureOf(work)).toMatchObject({ type: 'transient' });
    expect(await second.next().run(work)).toEqual({ exportId: EXPORT_ID, lostCreates: 2 });
  });

  it('counts none that Marketo refused', async () => {
    fixture.marketo.willReply(refusal('606', 'Rate limit'), job('Created'));
    const first = new AttemptEnvironment();
    expect(await first.failureOf(work)).toMatchObject({ type: 'transient', nonRetryable: false });
    expect(await first.next().run(work)).toEqual({ exportId: EXPORT_ID, lostCreates: 0 });
  });

  it('fails for good where Marketo refuses for good', async () => {
    fixture.marketo.willReply(refusal('603', 'Access denied'));
    expect(await new AttemptEnvironment().failureOf(work)).toMatchObject({ type: 'MarketoAccess', nonRetryable: true });
  });

  it.each(['gone', 'another one'])('makes no job where the plan is %s', async (what) => {
    const args = await fixture.windowArgs();
    if (what === 'gone') fixture.s3.objects.clear();
    else fixture.s3.put(RUN.plan, fixture.s3.text(RUN.plan).replace('email', 'phone'));
    const failure = await new AttemptEnvironment().failureOf(() => fixture.activities.createJob(args));
    expect(failure).toMatchObject({ type: 'PlanLost', nonRetryable: true });
    expect(fixture.calls()).toEqual([]);
  });
});

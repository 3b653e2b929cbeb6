import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeActivities } from './fake-activities.js';
import { Harness } from './harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start();
});

afterAll(async () => {
  await harness.stop();
});

/** The server puts the run's own limit, which is of 60 days or more, where none is asked for. */
function secondsInAll(scheduled: number): number | 'no limit' {
  return scheduled === 0 || scheduled >= 60 * 86_400 ? 'no limit' : scheduled;
}

/** Seconds of time-outs and the number of tries with which each activity of a run and of its first window was scheduled. */
async function scheduled(): Promise<Record<string, object>> {
  const histories = await harness.with(new FakeActivities(), async (run) => {
    const handle = await run.start();
    await handle.result();
    const { workflow } = harness.env.client;
    return [
      await handle.fetchHistory(),
      await workflow.getHandle(`${handle.workflowId}/2024-01-01T00:00:00Z`).fetchHistory(),
    ];
  });
  const found = histories.flatMap(({ events }) =>
    (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: of }) => (of ? [of] : [])),
  );
  return Object.fromEntries(
    found.map((of) => [
      of.activityType?.name ?? '',
      {
        inAll: secondsInAll(Number(of.scheduleToCloseTimeout?.seconds ?? 0)),
        each: Number(of.startToCloseTimeout?.seconds ?? 0),
        heartbeat: Number(of.heartbeatTimeout?.seconds ?? 0),
        maximumAttempts: of.retryPolicy?.maximumAttempts ?? 0,
        longestInterval: Number(of.retryPolicy?.maximumInterval?.seconds ?? 0),
      },
    ]),
  );
}

describe('the activities of a run', () => {
  it('reach Temporal with their time-outs and without an end to their tries', async () => {
    const endless = { inAll: 'no limit', maximumAttempts: 0, longestInterval: 60 };
    const call = { ...endless, each: 120, heartbeat: 60 };
    const data = { ...endless, each: 86_400, heartbeat: 60 };
    expect(await scheduled()).toEqual({
      planExtract: { ...endless, each: 600, heartbeat: 60 },
      closeEarlierWindows: call,
      createJob: call,
      enqueueJob: call,
      awaitJob: call,
      transferFile: data,
      collectGone: data,
      mergeParts: data,
      cleanUp: { ...call, inAll: 900 },
    });
  });
});

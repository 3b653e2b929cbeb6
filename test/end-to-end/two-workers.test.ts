import { describe, expect, it } from '@jest/globals';
import { windowsOf } from '../../src/contract/windows.js';
import { windowWorkflowId } from '../../src/contract/names.js';
import { withRig, type Rig } from '../crash/rig.js';

const FROM = Date.parse('2024-01-01T00:00:00Z');
const DAY = 86_400_000;
const RANGE = { startAt: '2024-01-01T00:00:00Z', endAt: '2024-12-31T00:00:00Z' } as const;

describe('two workers on one task queue', () => {
  it('share a run: both do activities, and the output is what one would have made', () =>
    withRig({ leads: 1200, from: FROM, until: FROM + 360 * DAY }, async (rig) => {
      const workers = await Promise.all([rig.work(), rig.work()]);
      const run = await rig.begin({ ...RANGE, concurrency: 4 });
      await rig.expectRightAndClean(await run.result());
      rig.expectOneJobPerWindow();
      const identities = await identitiesOf(rig, run.workflowId);
      // An SDK's worker is called by its process id and host.
      const busy = new Set([...identities].map((identity) => Number(identity.split('@')[0])));
      expect(busy).toEqual(new Set(workers.map(({ pid }) => pid)));
    }));
});

/** Whoever did an activity of a run or of its windows. */
async function identitiesOf(rig: Rig, workflowId: string): Promise<ReadonlySet<string>> {
  const windows = windowsOf({ ...RANGE, windowOverlapSeconds: 0, windowDays: 31 });
  const identities = new Set<string>();
  for (const id of [workflowId, ...windows.map((window) => windowWorkflowId(workflowId, window))]) {
    const { events } = await rig.client.workflow.getHandle(id).fetchHistory();
    for (const { activityTaskStartedEventAttributes: started } of events ?? []) {
      if (started?.identity) identities.add(started.identity);
    }
  }
  return identities;
}

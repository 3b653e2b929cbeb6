import { describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { ExtractResult } from '../../src/contract/result.js';
import { temporal, until, withRig, type Rig } from './rig.js';

const PATIENCE = 280_000;

/** Long enough for a job to be processed still when the next run is ready to make its own. */
const SLOW = { processingSeconds: [25_000, 25_000] } as const;

/** The window that is left open takes a while to cancel its job. */
function slowCancel({ simulator }: Rig): void {
  simulator.faults.inject({ endpoint: 'cancel', nth: 1, effect: { kind: 'hang', seconds: 15 } });
}

/** A run whose first window is exported and whose second is at Marketo. */
async function inItsSecondWindow(rig: Rig): Promise<WorkflowHandle> {
  await rig.work();
  const run = await rig.begin();
  await until(() => rig.windowJobs[1]?.state === 'Processing');
  slowCancel(rig);
  return run;
}

describe('a run that begins while windows of an earlier one of its id are open has them closed first', () => {
  it.concurrent(
    'terminated in its second window, and started at once with other fields: never more jobs than concurrency',
    () =>
      withRig(SLOW, async (rig) => {
        const run = await inItsSecondWindow(rig);
        await temporal('workflow', 'terminate', '--workflow-id', run.workflowId);
        // What is planned anew has the windows of the earlier run, in another order.
        const next = await rig.begin({ excludeFields: ['email'] }, run.workflowId);
        const { leads, windows } = await next.result();
        expect([leads, windows]).toEqual([rig.simulator.options.leads, 3]);
        expect(rig.simulator.jobs.mostQueuedOrRunning).toBe(1);
        await rig.expectNothingOpen();
      }),
    PATIENCE,
  );

  it.concurrent.each(['FirstWorkflowTask', 'LastWorkflowTask'])(
    'reset to its %s: never more jobs than concurrency, and the right output',
    (type) =>
      withRig(SLOW, async (rig) => {
        const run = await inItsSecondWindow(rig);
        const args = ['--workflow-id', run.workflowId, '--type', type, '--reason', 'a test'];
        await temporal('workflow', 'reset', ...args);
        const again = rig.client.workflow.getHandle<(...args: unknown[]) => Promise<ExtractResult>>(run.workflowId);
        await rig.expectRightAndClean(await again.result());
        expect(rig.simulator.jobs.mostQueuedOrRunning).toBe(1);
      }),
    PATIENCE,
  );

  it.concurrent(
    'whatever characters its id has',
    () =>
      withRig(SLOW, async (rig) => {
        await rig.work();
        const workflowId = `it's a "test" \\ of \\' ids %_ ${rig.taskQueue}`;
        await rig.begin({}, workflowId);
        await until(() => rig.windowJobs[0]?.state === 'Processing');
        slowCancel(rig);
        await temporal('workflow', 'terminate', '--workflow-id', workflowId);
        const next = await rig.begin({ startAt: '2024-01-02T00:00:00Z' }, workflowId);
        await next.result();
        expect(rig.simulator.jobs.mostQueuedOrRunning).toBe(1);
        await rig.expectNothingOpen();
      }),
    PATIENCE,
  );
});

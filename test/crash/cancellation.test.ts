import { CancelledFailure, TerminatedFailure, WorkflowFailedError } from '@temporalio/client';
import { describe, expect, it } from '@jest/globals';
import type { SimulatorOptions } from '../../simulator/options.js';
import { LARGE_FILE, ONE_WINDOW, PART_BYTES, temporal, until, withRig, type Rig } from './rig.js';

const PATIENCE = 280_000;

/** What a run ended with. */
async function endOf(result: Promise<unknown>): Promise<unknown> {
  return result.catch((error: unknown) => (error instanceof WorkflowFailedError ? error.cause : error));
}

interface Stage {
  readonly options: Partial<SimulatorOptions>;
  /** Makes the run stop at the stage. */
  readonly hold: (rig: Rig) => void;
  readonly reached: (rig: Rig) => boolean | Promise<boolean>;
  /** State of the first window's job afterwards. */
  readonly job: string;
}

const STAGES: Record<string, Stage> = {
  'waiting for a place in the queue': {
    options: {},
    hold: (rig) => (rig.simulator.jobs.foreignQueued = 10),
    reached: (rig) => rig.calls('enqueue') > 1,
    job: 'Cancelled',
  },
  'waiting for the daily export quota': {
    options: {},
    hold: (rig) => {
      rig.simulator.faults.inject({ endpoint: 'enqueue', effect: { kind: 'quotaExceeded' } });
    },
    reached: (rig) => rig.calls('enqueue') > 0,
    job: 'Cancelled',
  },
  'processed by Marketo, the first of three windows': {
    options: { processingSeconds: [500_000, 500_000] },
    hold: () => undefined,
    reached: (rig) => (rig.windowJobs[0]?.statusCalls.length ?? 0) > 1,
    job: 'Cancelled',
  },
  'transferring a file': {
    options: LARGE_FILE,
    hold: (rig) => {
      rig.simulator.faults.inject({ endpoint: 'file', effect: { kind: 'stallAfterBytes', bytes: PART_BYTES + 1000 } });
    },
    reached: async (rig) => (await rig.uploadedBytes()) === PART_BYTES,
    job: 'Completed',
  },
  merging: {
    options: LARGE_FILE,
    hold: (rig) => {
      // Not the one that planning tries.
      rig.proxy.inject({ operation: 'UploadPartCopy', key: /^out\/leads\.csv$/, effect: { kind: 'hold' } });
    },
    reached: (rig) => rig.proxy.struck > 0,
    job: 'Completed',
  },
};

describe('temporal workflow', () => {
  it.concurrent.each(Object.entries(STAGES))(
    'cancel ends a run as cancelled and leaves no job and no upload open, while it is %s',
    (_name, { options, hold, reached, job }) =>
      withRig(options, async (rig) => {
        hold(rig);
        await rig.work();
        const input = options === LARGE_FILE ? ONE_WINDOW : {};
        const run = await rig.begin(input);
        await until(() => reached(rig));
        await temporal('workflow', 'cancel', '--workflow-id', run.workflowId);
        expect(await endOf(run.result())).toBeInstanceOf(CancelledFailure);
        expect((await run.describe()).status.name).toBe('CANCELLED');
        await rig.expectNothingOpen();
        expect(rig.windowJobs.map(({ state }) => state)).toEqual([job]);
        expect((await rig.keys()).filter((key) => !key.includes('/parts/'))).toEqual([]);

        // The same worker is free for the next run, which takes over what was verified.
        rig.simulator.faults.clear();
        rig.proxy.clear();
        rig.simulator.jobs.foreignQueued = 0;
        if (rig.simulator.jobs.quotaExceeded) rig.simulator.clock.jump(24 * 3_600_000);
        if (options.processingSeconds) return;
        await rig.expectRightAndClean(await (await rig.begin(input, run.workflowId)).result());
      }),
    PATIENCE,
  );

  it.concurrent(
    'terminate lets the windows cancel their jobs, and the next run of the same id waits for them',
    () =>
      withRig({ processingSeconds: [40_000, 40_000] }, async (rig) => {
        await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(() => rig.windowJobs[0]?.state === 'Processing');
        // The old window takes a while to cancel its job.
        rig.simulator.faults.inject({ endpoint: 'cancel', nth: 1, effect: { kind: 'hang', seconds: 10 } });
        await temporal('workflow', 'terminate', '--workflow-id', run.workflowId);
        expect(await endOf(run.result())).toBeInstanceOf(TerminatedFailure);
        const next = await rig.begin(ONE_WINDOW, run.workflowId);
        await until(() => rig.windowJobs[0]?.state === 'Cancelled');
        await rig.expectRightAndClean(await next.result());
        expect(rig.windowJobs.map(({ state }) => state)).toEqual(['Cancelled', 'Completed']);
        expect(rig.simulator.jobs.mostQueuedOrRunning).toBe(1);
      }),
    PATIENCE,
  );
});

import { CancellationScope, isCancellation, log, setHandler, workflowInfo } from '@temporalio/workflow';
import { z } from 'zod';
import type {
  AwaitOutcome,
  CompletedJob,
  LostJob,
  PartSummary,
  PlanRef,
  RunRef,
  WindowArgs,
} from '../contract/activities.js';
import type { Poll } from '../contract/input.js';
import { waitChangedSignal, windowProgressQuery } from '../contract/messages.js';
import type { Wait, WindowProgress, WindowStage } from '../contract/progress.js';
import type { Window } from '../contract/windows.js';
import { abandonWindow, awaitJob, createJob, enqueueJob, transferFile } from './activity-proxies.js';
import { days, exportSummary, showWindow } from './details.js';
import { failure, ownFailure, rootOf } from './workflow-failure.js';

/** Jobs that a window may use up before it fails. */
export const MAX_JOBS = 3;

export interface ExtractWindowInput {
  readonly plan: PlanRef;
  readonly window: Window;
  readonly poll: Poll;
  /** Jobs that the window has used up already: above 0 when it is started again because a file was bad. */
  readonly jobs: number;
}

export type ExtractWindowResult = { readonly lostCreates: number; readonly jobs: number } & (
  | { readonly outcome: 'completed'; readonly part: PartSummary }
  /** The file was bad or gone although the job had completed: the run starts the window again when a slot is free. */
  | { readonly outcome: 'redo'; readonly reason: string }
);

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
const inputSchema = z.object({
  plan: z.object({ bucket: z.string(), key: z.string(), sha256: z.string() }),
  window: z.object({ startAt: date, endAt: date }),
  poll: z.object({ initialMilliseconds: z.number().positive(), maximumMilliseconds: z.number().positive() }),
  jobs: z.int().min(0).max(MAX_JOBS),
});

/**
 * One window: job → queue → wait → file. Makes a new job when one is lost, at most {@link MAX_JOBS} in all. However it
 * ends, it leaves no job of its own queued or running and no upload open.
 */
export async function extractWindow(input: ExtractWindowInput): Promise<ExtractWindowResult> {
  const checked = inputSchema.safeParse(input);
  if (!checked.success) {
    throw failure('InvalidInput', `extractWindow is started by extractLeads. ${z.prettifyError(checked.error)}`);
  }
  const { plan, window, poll } = input;
  const run = runOf();
  const args: WindowArgs = { plan, window, poll, ...(run && { run }) };
  let progress: WindowProgress = { ...window, stage: 'creating job', jobs: input.jobs };
  const update = (change: Partial<WindowProgress>): void => {
    progress = { ...progress, ...change };
    showWindow(progress);
  };
  const enter = (stage: WindowStage, change: Partial<WindowProgress> = {}): void => {
    progress = { ...withoutWait(progress), ...change, stage };
    showWindow(progress);
  };
  setHandler(windowProgressQuery, () => progress, { description: 'Where this window stands and what it waits for' });
  setHandler(waitChangedSignal, ({ wait }) => {
    if (wait) update({ wait });
    else enter(progress.stage);
  });

  let lostCreates = 0;
  try {
    for (;;) {
      enter('creating job');
      const created = await createJob.executeWithOptions({ summary: days(window) }, [args]);
      lostCreates += created.lostCreates;
      enter('enqueueing job', { exportId: created.exportId, jobs: progress.jobs + 1 });
      const ended = await untilEnded(created.exportId);
      if (ended.outcome === 'completed') {
        enter('transferring', sizesOf(ended.job));
        const transferred = await transferFile.executeWithOptions({ summary: exportSummary(ended.job) }, [
          { ...args, job: ended.job },
        ]);
        if (transferred.outcome === 'verified') {
          enter('completed', { records: transferred.part.records, bytes: transferred.part.bytes });
          return { outcome: 'completed', part: transferred.part, lostCreates, jobs: progress.jobs };
        }
        giveUpAfterLastJob(transferred.reason);
        return { outcome: 'redo', reason: transferred.reason, lostCreates, jobs: progress.jobs };
      }
      if (!ended.counts) update({ jobs: progress.jobs - 1 });
      giveUpAfterLastJob(ended.reason);
      log.warn('The job is lost; making another', { exportId: created.exportId, reason: ended.reason });
    }
  } catch (error) {
    await CancellationScope.nonCancellable(abandon);
    throw isCancellation(error) ? error : ownFailure(error, 'WindowFailed');
  }

  /** Enqueues the job, again if Marketo forgot it, and waits for its end. A stuck job is cancelled. */
  async function untilEnded(exportId: string): Promise<Extract<AwaitOutcome, { outcome: 'completed' }> | LostJob> {
    for (;;) {
      const enqueued = await enqueueJob.executeWithOptions({ summary: exportId }, [{ ...args, exportId }]);
      if (enqueued.outcome === 'lost') return enqueued;
      enter('waiting for job', { wait: queuedSince(Date.now()) });
      const ended = await awaitJob.executeWithOptions({ summary: exportId }, [{ ...args, exportId }]);
      if (ended.outcome === 'completed' || ended.outcome === 'lost') return ended;
      if (ended.outcome === 'stuck') {
        await abandonWindow({ ...args, exportId });
        return { outcome: 'lost', reason: ended.reason, counts: true };
      }
      enter('enqueueing job');
    }
  }

  function giveUpAfterLastJob(reason: string): void {
    if (progress.jobs >= MAX_JOBS)
      throw failure('WindowFailed', `${MAX_JOBS} jobs came to nothing. The last one: ${reason}`);
  }

  async function abandon(): Promise<void> {
    try {
      await abandonWindow({ ...args, ...(progress.exportId !== undefined && { exportId: progress.exportId }) });
    } catch (error) {
      log.warn('Could not clear up after the window; the lifecycle rule of the bucket will', {
        reason: rootOf(error).message,
      });
    }
    enter('abandoned');
  }
}

/** How every wait for a job begins; `awaitJob` tells only of what comes after. */
function queuedSince(milliseconds: number): Wait {
  return {
    reason: 'jobQueued',
    message: 'The export job is queued in Marketo',
    since: new Date(milliseconds).toISOString(),
  };
}

function withoutWait(progress: WindowProgress): WindowProgress {
  const { wait, ...rest } = progress;
  return wait ? rest : progress;
}

function runOf(): RunRef | undefined {
  const parent = workflowInfo().parent;
  return parent && { workflowId: parent.workflowId, runId: parent.runId };
}

function sizesOf(job: CompletedJob): Partial<WindowProgress> {
  return {
    ...(job.numberOfRecords !== undefined && { records: job.numberOfRecords }),
    ...(job.fileSize !== undefined && { bytes: job.fileSize }),
  };
}

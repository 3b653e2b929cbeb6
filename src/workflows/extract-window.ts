import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
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
import { UTC_SECONDS } from '../contract/dates.js';
import { defined } from '../contract/defined.js';
import { type Poll, DAY_MILLISECONDS, MAX_JOBS_PER_WINDOW } from '../contract/limits.js';
import {
  JOB_QUEUED,
  readWaitChanged,
  waitChangedSignal,
  warningSignal,
  windowProgressQuery,
} from '../contract/messages.js';
import type { WindowProgress, WindowStage } from '../contract/progress.js';
import type { Window } from '../contract/windows.js';
import { abandonWindow, awaitJob, createJob, enqueueJob, transferFile } from './activity-proxies.js';
import { days } from '../text/format.js';
import { exportSummary, showWindow } from './details.js';
import { rootOf } from '../contract/root-failure.js';
import { failure, ownFailure } from './workflow-failure.js';

export interface ExtractWindowInput {
  readonly plan: PlanRef;
  readonly window: Window;
  readonly poll: Poll;
  /** Jobs that the window has used up already: above 0 when it is started again because a file was bad. */
  readonly jobs: number;
  /** Whether the run can replace the window by its halves. */
  readonly divisible: boolean;
}

export type ExtractWindowResult = { readonly lostCreates: number; readonly jobs: number } & (
  | { readonly outcome: 'completed'; readonly part: PartSummary }
  /** The file was bad or gone although the job had completed: the run starts the window again when a slot is free. */
  | { readonly outcome: 'redo'; readonly reason: string }
  /** Marketo could not make it twice: the run replaces the window by its halves. */
  | { readonly outcome: 'tooLarge'; readonly reason: string }
);

/** Jobs that Marketo fails, or processes for a day, before the window is taken to be too large. */
const JOBS_OF_TOO_LARGE = 2;

const date = z.string().regex(UTC_SECONDS);
const interval = z.number().positive().max(DAY_MILLISECONDS);
const inputSchema = z.object({
  plan: z.object({ bucket: z.string(), key: z.string(), sha256: z.string(), instance: z.string() }),
  window: z.object({ startAt: date, endAt: date, updated: z.literal(true).exactOptional() }),
  poll: z.object({ initialMilliseconds: interval, maximumMilliseconds: interval }),
  jobs: z.int().min(0).max(MAX_JOBS_PER_WINDOW),
  divisible: z.boolean(),
});

/**
 * One window: job → queue → wait → file. Makes a new job when one is lost, at most {@link MAX_JOBS_PER_WINDOW} in all. However it
 * ends, it leaves no job of its own queued or running and no upload open.
 */
export async function extractWindow(input: ExtractWindowInput): Promise<ExtractWindowResult> {
  const checked = inputSchema.safeParse(input);
  if (!checked.success) {
    throw failure('InvalidInput', `extractWindow is started by extractLeads. ${z.prettifyError(checked.error)}`);
  }
  const { plan, window, poll } = input;
  const run = runOf();
  const args: WindowArgs = { plan, window, poll, ...defined({ run }) };
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
  setHandler(waitChangedSignal, (message) => {
    const change = readWaitChanged(message);
    if (!change) log.warn('A message of another shape than waitChanged was ignored');
    else if (change.wait) update({ wait: change.wait });
    else enter(progress.stage);
  });

  let lostCreates = 0;
  let tooLarge = 0;
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
      if (ended.tooLarge) tooLarge++;
      if (input.divisible && tooLarge >= JOBS_OF_TOO_LARGE) {
        return { outcome: 'tooLarge', reason: ended.reason, lostCreates, jobs: progress.jobs };
      }
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
      enter('waiting for job', { wait: { ...JOB_QUEUED, since: new Date().toISOString() } });
      const ended = await awaitJob.executeWithOptions({ summary: exportId }, [{ ...args, exportId }]);
      if (ended.outcome === 'completed' || ended.outcome === 'lost') return ended;
      if (ended.outcome === 'stuck') {
        await abandonWindow({ plan, window, exportId });
        return { outcome: 'lost', reason: ended.reason, counts: true, tooLarge: true };
      }
      enter('enqueueing job');
    }
  }

  function giveUpAfterLastJob(reason: string): void {
    if (progress.jobs >= MAX_JOBS_PER_WINDOW)
      throw failure('WindowFailed', `${MAX_JOBS_PER_WINDOW} jobs came to nothing. The last one: ${reason}`);
  }

  async function abandon(): Promise<void> {
    try {
      await abandonWindow({ plan, window, ...defined({ exportId: progress.exportId }) });
    } catch (error) {
      await warnRun(leftBehind(progress.exportId, rootOf(error).message));
    }
    enter('abandoned');
  }
}

/** What a window that could not be cleared up leaves, and what is to be done about it. */
function leftBehind(exportId: string | undefined, reason: string): string {
  const job =
    exportId === undefined
      ? ''
      : ` The export job ${exportId} may still be queued or running in Marketo: cancel it there.`;
  return `A window could not be cleared up: ${reason}.${job} The bucket's lifecycle rule aborts its uploads.`;
}

/** Tells the run, whose view outlives this one. */
async function warnRun(warning: string): Promise<void> {
  log.warn(warning);
  const run = runOf();
  // The run may have been terminated.
  if (run)
    await getExternalWorkflowHandle(run.workflowId, run.runId)
      .signal(warningSignal, warning)
      .catch(() => undefined);
}

function withoutWait(progress: WindowProgress): WindowProgress {
  const { wait, ...rest } = progress;
  return wait ? rest : progress;
}

function runOf(): RunRef | undefined {
  const parent = workflowInfo().parent;
  return parent && { workflowId: parent.workflowId, runId: parent.runId };
}

function sizesOf({ records, bytes }: CompletedJob): Partial<WindowProgress> {
  return defined({ records, bytes });
}

import { activityInfo, Context, log } from '@temporalio/activity';
import type { AwaitOutcome, CompletedJob, LostJob, RunRef, WindowArgs } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import { DAY_MILLISECONDS } from '../contract/limits.js';
import { JOB_QUEUED, jobCompletedSignal } from '../contract/messages.js';
import type { Wait } from '../contract/progress.js';
import { exportJobStatus, type ExportJob } from '../marketo/lead-export.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { windowName } from '../contract/windows.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';
import { backoffMilliseconds, RetryLater } from './retry-decision.js';

/** Marketo renews a status once a minute (Adobe: Bulk Extract, Polling); `Created` for longer than this is no stale answer. */
const CREATED_AFTER_ENQUEUE_MILLISECONDS = 5 * 60 * 1000;

type Phase = 'queued' | 'processing';

/**
 * Waits for a job's end, one status call an attempt: the first one initial interval after enqueueing, then 1 → 2 → 4 → 4 …
 * min, from the start again once the job is processing (the recipe). Tells the run as soon as the job is completed, so
 * that the next job can start while this one's file is transferred.
 */
export async function awaitJob(
  { marketo }: Dependencies,
  attempt: Attempt,
  { exportId, poll, window, run }: WindowArgs & { readonly exportId: string },
): Promise<AwaitOutcome> {
  const { phase = 'queued', awaitingSince = Date.now(), processingSince, unknownSince } = attempt.details;
  if (attempt.details.phase === undefined && activityInfo().attempt === 1) return later('queued');

  const status = await statusOf();
  if (typeof status === 'string') return lost(status);
  switch (status.status) {
    case 'Completed': {
      const job = completedJob(status);
      if (run) await signalJobCompleted(run, windowName(window), job);
      return { outcome: 'completed', job };
    }
    case 'Failed':
      return {
        ...lost(`Marketo failed the job${status.errorMsg === undefined ? '' : `: ${status.errorMsg}`}`),
        tooLarge: true,
      };
    case 'Cancelled':
      return lost('The job was cancelled in Marketo');
    case 'Created':
      if (Date.now() - awaitingSince > CREATED_AFTER_ENQUEUE_MILLISECONDS) return { outcome: 'notEnqueued' };
      return later('queued');
    case 'Queued':
      return later('queued');
    case 'Processing': {
      // By this clock alone: Marketo's may be another.
      const since = processingSince ?? Date.now();
      if (Date.now() - since > DAY_MILLISECONDS) return stuck(`processing since ${new Date(since).toISOString()}`);
      return later('processing', { processingSince: since });
    }
    case 'Unknown': {
      const since = unknownSince ?? Date.now();
      if (Date.now() - since > DAY_MILLISECONDS) return stuck('a status that nobody knows for a day');
      return later(phase, { unknownSince: since });
    }
  }

  /** The job's status, or why it is lost. */
  async function statusOf(): Promise<ExportJob | string> {
    try {
      return await exportJobStatus(marketo, exportId, attempt.signal);
    } catch (error) {
      if (error instanceof MarketoError && error.action === 'jobGone') return error.message;
      throw error;
    }
  }

  function later(next: Phase, since: { processingSince?: number; unknownSince?: number } = {}): never {
    const statusCalls = attempt.details.phase === next ? attempt.details.statusCalls : 0;
    attempt.remember({
      phase: next,
      statusCalls: statusCalls + 1,
      awaitingSince,
      processingSince: since.processingSince,
      unknownSince: since.unknownSince,
    });
    throw new RetryLater(backoffMilliseconds(poll, statusCalls), waitFor(next, Date.now() - awaitingSince));
  }
}

function waitFor(phase: Phase, waitedMilliseconds: number): Pick<Wait, 'reason' | 'message'> {
  if (phase === 'processing') return { reason: 'jobProcessing', message: 'Marketo is processing the export job' };
  if (waitedMilliseconds < DAY_MILLISECONDS) return JOB_QUEUED;
  return { ...JOB_QUEUED, message: `${JOB_QUEUED.message} for more than a day: see what else is in the queue` };
}

function lost(reason: string): LostJob {
  return { outcome: 'lost', reason, counts: true };
}

function stuck(what: string): AwaitOutcome {
  return { outcome: 'stuck', reason: `The job is stuck: ${what}` };
}

/** @throws MarketoError if there are records but no checksum or size to verify them by */
function completedJob(job: ExportJob): CompletedJob {
  const { exportId, records, bytes, sha256, queuedAt, startedAt, finishedAt } = job;
  if (records !== 0 && (bytes === undefined || sha256 === undefined)) {
    throw MarketoError.unexpectedShape('status', 'a completed job without fileSize or fileChecksum', job.requestId);
  }
  return defined({ exportId, records, bytes, sha256, queuedAt, startedAt, finishedAt });
}

async function signalJobCompleted(run: RunRef, window: string, { records, bytes }: CompletedJob): Promise<void> {
  try {
    await Context.current()
      .client.workflow.getHandle(run.workflowId, run.runId)
      .signal(jobCompletedSignal, { window, ...defined({ records, bytes }) });
  } catch (error) {
    // The slot is free at the latest when the window's workflow closes.
    log.warn('Could not tell the run of a completed job', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

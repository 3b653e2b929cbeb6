import { activityInfo, Context, log } from '@temporalio/activity';
import { z } from 'zod';
import type { AwaitOutcome, CompletedJob, RunRef, WindowArgs } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import { jobCompletedSignal } from '../contract/messages.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { exportJobStatus, type ExportJob } from '../marketo/lead-export.js';
import { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';
import { backoffMilliseconds, RetryLater } from './retry-decision.js';

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Marketo renews a status once a minute (Adobe: Bulk Extract, Polling); `Created` for longer than this is no stale answer. */
const CREATED_AFTER_ENQUEUE_MILLISECONDS = 5 * 60 * 1000;

/** What the wait keeps from one status call to the next. */
const ownSchema = z
  .object({
    phase: z.enum(['queued', 'processing']),
    /** Status calls in this phase. */
    calls: z.int().min(0),
    /** When the wait began, and when the status was first one that nobody knows: milliseconds since 1970. */
    since: z.number(),
    unknownSince: z.number().optional(),
  })
  .partial();

/**
 * Waits for a job's end, one status call an attempt: the first one initial interval after enqueueing, then 1 → 2 → 4 → 4 …
 * min, from the start again once the job is processing (the recipe). Tells the run as soon as the job is completed, so
 * that the next job can start while this one's file is transferred.
 */
export function awaitJob(
  { marketo }: Dependencies,
  args: WindowArgs & { readonly exportId: string },
): Promise<AwaitOutcome> {
  const { exportId, poll, window, run } = args;
  return Attempt.run(args, async (attempt) => {
    const own = ownSchema.catch({}).parse(attempt.recall('job') ?? {});
    const since = own.since ?? Date.now();
    if (own.phase === undefined && activityInfo().attempt === 1) return wait('queued', 0);

    let job: ExportJob;
    try {
      job = await exportJobStatus(marketo, exportId, attempt.signal);
    } catch (error) {
      if (error instanceof MarketoError && error.action === 'jobGone') return lost(error.message);
      throw error;
    }
    switch (job.status) {
      case 'Completed': {
        const completed = completedJob(job);
        if (run) await tellRun(run, window.startAt, completed);
        return { outcome: 'completed', job: completed };
      }
      case 'Failed':
        return lost(`Marketo failed the job${job.errorMsg === undefined ? '' : `: ${job.errorMsg}`}`);
      case 'Cancelled':
        return lost('The job was cancelled in Marketo');
      case 'Created':
        if (Date.now() - since > CREATED_AFTER_ENQUEUE_MILLISECONDS) return { outcome: 'notEnqueued' };
        return wait('queued', callsIn('queued'));
      case 'Queued':
        return wait('queued', callsIn('queued'));
      case 'Processing': {
        const started = job.startedAt === undefined ? Date.now() : Date.parse(job.startedAt);
        if (Date.now() - started > DAY_MILLISECONDS)
          return stuck(`processing since ${new Date(started).toISOString()}`);
        return wait('processing', callsIn('processing'));
      }
      case 'Unknown': {
        const unknownSince = own.unknownSince ?? Date.now();
        if (Date.now() - unknownSince > DAY_MILLISECONDS) return stuck('a status that nobody knows for a day');
        return wait(own.phase ?? 'queued', callsIn(own.phase ?? 'queued'), unknownSince);
      }
    }

    function callsIn(phase: 'queued' | 'processing'): number {
      return own.phase === phase ? (own.calls ?? 0) : 0;
    }

    function wait(phase: 'queued' | 'processing', calls: number, unknownSince?: number): never {
      attempt.remember({
        job: { phase, calls: calls + 1, since, ...(unknownSince !== undefined && { unknownSince }) },
      });
      throw new RetryLater(backoffMilliseconds(poll, calls), messageOf(phase, Date.now() - since));
    }
  });
}

function messageOf(phase: 'queued' | 'processing', waitedMilliseconds: number): RetryLater['wait'] {
  if (phase === 'processing') return { reason: 'jobProcessing', message: 'Marketo is processing the export job' };
  const message = 'The export job is queued in Marketo';
  if (waitedMilliseconds < DAY_MILLISECONDS) return { reason: 'jobQueued', message };
  return { reason: 'jobQueued', message: `${message} for more than a day: see what else is in the queue` };
}

function lost(reason: string): AwaitOutcome {
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

async function tellRun(run: RunRef, window: string, job: CompletedJob): Promise<void> {
  try {
    await Context.current()
      .client.workflow.getHandle(run.workflowId, run.runId)
      .signal(jobCompletedSignal, defined({ window, exportId: job.exportId, records: job.records, bytes: job.bytes }));
  } catch (error) {
    // The slot is free at the latest when the window's workflow closes.
    log.warn('Could not tell the run of a completed job', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

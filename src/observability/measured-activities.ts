import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities, CompletedJob, PartSummary } from '../contract/activities.js';
import type { Metrics } from './metrics.js';

/** The same activities, counted. Neither results nor errors are changed. */
export function measuredActivities(activities: Activities, metrics: Metrics): Activities {
  return {
    planExtract: (args) => counted('planExtract', () => activities.planExtract(args)),
    createJob: (args) =>
      counted('createJob', async () => {
        const created = await activities.createJob(args);
        metrics.job('created');
        return created;
      }),
    enqueueJob: (args) =>
      counted('enqueueJob', async () => {
        const enqueued = await activities.enqueueJob(args);
        if (enqueued.outcome === 'lost') metrics.job('lost');
        return enqueued;
      }),
    awaitJob: (args) =>
      counted('awaitJob', async () => {
        const ended = await activities.awaitJob(args);
        if (ended.outcome === 'completed') jobCompleted(ended.job);
        if (ended.outcome === 'lost' || ended.outcome === 'stuck') metrics.job(ended.outcome);
        return ended;
      }),
    transferFile: (args) =>
      counted('transferFile', async () => {
        const transferred = await activities.transferFile(args);
        if (transferred.outcome === 'verified') windowExported(transferred.part);
        else metrics.job('lost');
        return transferred;
      }),
    mergeParts: (args) =>
      counted('mergeParts', async () => {
        const merged = await activities.mergeParts(args);
        metrics.outputPublished(merged.leads, merged.duplicates, merged.bytes);
        metrics.stageEnded('merge', sinceScheduled());
        return merged;
      }),
    abandonWindow: (args) => counted('abandonWindow', () => activities.abandonWindow(args)),
    cleanUp: (args) => counted('cleanUp', () => activities.cleanUp(args)),
  };

  async function counted<R>(activity: keyof Activities, run: () => Promise<R>): Promise<R> {
    try {
      return await run();
    } catch (error) {
      // What was cancelled or shut down has no failure of its own.
      if (error instanceof ApplicationFailure) {
        if (error.nonRetryable === true) metrics.failure(error.type);
        else if (typeof error.nextRetryDelay === 'number') {
          metrics.retry(activity, error.type ?? 'transient', error.nextRetryDelay);
        }
      }
      throw error;
    }
  }

  function jobCompleted({ queuedAt, startedAt, finishedAt }: CompletedJob): void {
    metrics.job('completed');
    // The difference of a time that is not told is not a number, and is not recorded.
    metrics.stageEnded('queue', Date.parse(startedAt ?? '') - Date.parse(queuedAt ?? ''));
    metrics.stageEnded('processing', Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? ''));
  }

  function windowExported({ records, bytes }: PartSummary): void {
    metrics.windowExported(records, bytes);
    metrics.stageEnded('transfer', sinceScheduled());
  }
}

/** Milliseconds since the activity at hand was first scheduled: earlier attempts and the waits between count. */
function sinceScheduled(): number {
  return Date.now() - activityInfo().scheduledTimestampMs;
}

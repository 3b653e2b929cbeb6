import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Activities, CompletedJob } from '../contract/activities.js';
import type { Metrics } from './metrics.js';

/** What each activity's result adds to the metrics; an activity that is not named adds nothing. */
type Counting = { readonly [K in keyof Activities]?: (result: Awaited<ReturnType<Activities[K]>>) => void };

/** Counts every activity of a worker: results, failures and retries. Neither results nor errors are changed. */
export function activityMetrics(metrics: Metrics): ActivityInterceptorsFactory {
  const counting = countingBy(metrics);
  return () => ({
    inbound: {
      execute: async (input, next) => {
        const { activityType } = activityInfo();
        try {
          const result = await next(input);
          const count = counting[activityType as keyof Activities] as ((result: unknown) => void) | undefined;
          count?.(result);
          return result;
        } catch (error) {
          countFailure(metrics, activityType, error);
          throw error;
        }
      },
    },
  });
}

function countingBy(metrics: Metrics): Counting {
  return {
    createJob: () => {
      metrics.job('created');
    },
    enqueueJob: ({ outcome }) => {
      if (outcome === 'lost') metrics.job('lost');
    },
    awaitJob: (ended) => {
      if (ended.outcome === 'completed') countCompleted(metrics, ended.job);
      if (ended.outcome === 'lost' || ended.outcome === 'stuck') metrics.job(ended.outcome);
    },
    transferFile: (transferred) => {
      if (transferred.outcome === 'redo') {
        metrics.job('lost');
        return;
      }
      metrics.windowExported(transferred.part.records, transferred.part.bytes);
      metrics.stageEnded('transfer', millisecondsSinceScheduled());
    },
    mergeParts: ({ leads, duplicates, bytes }) => {
      metrics.outputPublished(leads, duplicates, bytes);
      metrics.stageEnded('merge', millisecondsSinceScheduled());
    },
  };
}

function countCompleted(metrics: Metrics, { queuedAt, startedAt, finishedAt }: CompletedJob): void {
  metrics.job('completed');
  // The difference of a time that is not told is not a number, and is not recorded.
  metrics.stageEnded('queue', Date.parse(startedAt ?? '') - Date.parse(queuedAt ?? ''));
  metrics.stageEnded('processing', Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? ''));
}

/** What was cancelled or shut down has no failure of its own. */
function countFailure(metrics: Metrics, activityType: string, error: unknown): void {
  if (!(error instanceof ApplicationFailure)) return;
  if (error.nonRetryable === true) metrics.failure(error.type);
  else if (typeof error.nextRetryDelay === 'number') {
    metrics.retry(activityType, error.type ?? 'transient', error.nextRetryDelay);
  }
}

/** Since the activity at hand was first scheduled: earlier attempts and the waits between count. */
function millisecondsSinceScheduled(): number {
  return Date.now() - activityInfo().scheduledTimestampMs;
}

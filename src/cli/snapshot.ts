import { defaultPayloadConverter, type WorkflowExecutionDescription } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { RunRef } from '../contract/activities.js';
import { readHeartbeat } from '../contract/heartbeat.js';
import { progressQuery, windowProgressQuery } from '../contract/messages.js';
import { windowWorkflowId } from '../contract/names.js';
import type { ExtractProgress } from '../contract/progress.js';
import { windowName } from '../contract/windows.js';
import type { PendingActivity, Snapshot, WindowDetail } from '../runs/snapshot.js';
import { isOutage, serverMessage, type Temporal } from './temporal.js';

/**
 * Asks Temporal where a run stands. A worker that does not answer is told as `trouble`; whatever keeps Temporal itself
 * from answering is thrown.
 */
export async function takeSnapshot(temporal: Temporal, run: RunRef, signal?: AbortSignal): Promise<Snapshot> {
  const handle = temporal.client.workflow.getHandle(run.workflowId, run.runId);
  const description = await temporal.call(() => handle.describe(), signal);
  const activity = pendingActivity(description);
  const known = {
    workflowId: run.workflowId,
    taskQueue: description.taskQueue,
    status: description.status.name,
    ...(activity && { activity }),
  };
  if (!(await hasWorker(temporal, description.taskQueue))) {
    const trouble = `No worker polls the task queue ${description.taskQueue}. Start one: ${temporal.command} worker`;
    return { ...known, windows: {}, trouble };
  }
  try {
    const progress = await temporal.call(() => handle.query(progressQuery), signal);
    return { ...known, progress, windows: await openWindows(temporal, run.workflowId, progress, signal) };
  } catch (error) {
    signal?.throwIfAborted();
    const why = isOutage(error) ? ' in time' : `, ${serverMessage(error)}`;
    return { ...known, windows: {}, trouble: `The worker does not answer${why}` };
  }
}

async function openWindows(
  temporal: Temporal,
  workflowId: string,
  progress: ExtractProgress,
  signal: AbortSignal | undefined,
): Promise<Record<string, WindowDetail>> {
  const open = progress.current.filter(({ state }) => state !== 'failed');
  const details = await Promise.all(
    open.map(async (window) => {
      const handle = temporal.client.workflow.getHandle(windowWorkflowId(workflowId, window));
      try {
        const [own, description] = await temporal.call(
          () => Promise.all([handle.query(windowProgressQuery), handle.describe()]),
          signal,
        );
        const activity = pendingActivity(description);
        return [windowName(window), { progress: own, ...(activity && { activity }) }] as const;
      } catch {
        // Not started yet, or closed just now: the run's own view has to do.
        return [windowName(window), {}] as const;
      }
    }),
  );
  return Object.fromEntries(details);
}

function pendingActivity({ raw }: WorkflowExecutionDescription): PendingActivity | undefined {
  const pending = raw.pendingActivities?.[0];
  if (!pending) return undefined;
  const next = pending.nextAttemptScheduleTime?.seconds;
  const uploadedBytes = uploadedBytesOf(pending.heartbeatDetails?.payloads?.[0]);
  return {
    type: pending.activityType?.name ?? 'activity',
    attempt: pending.attempt ?? 1,
    ...(next && { nextAttemptAt: new Date(Number(next) * 1000).toISOString() }),
    ...(uploadedBytes !== undefined && { uploadedBytes }),
  };
}

function uploadedBytesOf(payload: Payload | undefined): number | undefined {
  if (!payload) return undefined;
  try {
    return readHeartbeat(defaultPayloadConverter.fromPayload(payload)).uploadedBytes;
  } catch {
    // Encrypted, for example: only the view is poorer then.
    return undefined;
  }
}

/** TASK_QUEUE_TYPE_WORKFLOW and TASK_QUEUE_TYPE_ACTIVITY of Temporal's API. */
const QUEUE_TYPES: readonly number[] = [1, 2];

/** True if workers have asked for workflow and activity tasks in the last minutes (Temporal keeps pollers for five). */
export async function hasWorker({ client, namespace, call }: Temporal, taskQueue: string): Promise<boolean> {
  const answers = await Promise.all(
    QUEUE_TYPES.map((taskQueueType) =>
      call(() =>
        client.connection.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: taskQueue },
          // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum is in no package of ours
          taskQueueType,
        }),
      ),
    ),
  );
  return answers.every(({ pollers }) => pollers.length > 0);
}

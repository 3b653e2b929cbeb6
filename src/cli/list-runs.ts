import { defaultPayloadConverter, type WorkflowExecutionInfo } from '@temporalio/client';
import type { RunRef } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import type { ExtractInput } from '../contract/input.js';
import { progressQuery } from '../contract/messages.js';
import { EXTRACT_LEADS } from '../contract/names.js';
import type { ExtractResult } from '../contract/result.js';
import type { ListedRun } from '../runs/listed-run.js';
import { hasWorker } from './snapshot.js';
import type { Temporal } from './temporal.js';

/**
 * The latest runs, the newest first: those of schedules and those under ids of one's own too, whoever started them.
 *
 * @param known runs that need not be asked for again, by their run id
 */
export async function listRuns(
  temporal: Temporal,
  limit: number,
  known: ReadonlyMap<string, ListedRun> = new Map(),
): Promise<ListedRun[]> {
  const infos = await temporal.call(async () => {
    const found: WorkflowExecutionInfo[] = [];
    for await (const info of temporal.client.workflow.list({ query: `WorkflowType = '${EXTRACT_LEADS}'` })) {
      found.push(info);
      if (found.length === limit) break;
    }
    return found.sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
  });
  const queues = [...new Set(infos.filter(isRunning).map(({ taskQueue }) => taskQueue))];
  const answering = new Set<string>();
  for (const queue of queues) if (await hasWorker(temporal, queue)) answering.add(queue);
  return Promise.all(
    infos.map(async (info) => known.get(info.runId) ?? listedRun(temporal, info, answering.has(info.taskQueue))),
  );
}

/** What a list has of a workflow, and a description too. */
type RunInfo = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'status' | 'startTime' | 'closeTime'>;

/** @param answers whether there is a worker that can be asked where an open run stands */
export async function listedRun(temporal: Temporal, info: RunInfo, answers: boolean): Promise<ListedRun> {
  const { workflowId, runId, status, startTime, closeTime } = info;
  const handle = temporal.client.workflow.getHandle(workflowId, runId);
  const [input, result, progress] = await Promise.all([
    orNothing(inputOf(temporal, info)),
    status.name === 'COMPLETED' ? orNothing(temporal.call(() => handle.result() as Promise<ExtractResult>)) : undefined,
    isRunning(info) && answers ? orNothing(temporal.call(() => handle.query(progressQuery))) : undefined,
  ]);
  return {
    workflowId,
    runId,
    status: status.name,
    ...defined({
      stage: progress?.stage,
      destination: input?.destination,
      // What it was in the end: an update may have been a full run.
      mode: result?.mode ?? input?.mode ?? (input && 'full'),
      leads: result?.leads,
      endedAt: closeTime?.toISOString(),
    }),
    startedAt: startTime.toISOString(),
  };
}

/** What a run was started with: in the first event of its history. */
async function inputOf(
  { client, namespace, call }: Temporal,
  { workflowId, runId }: RunRef,
): Promise<ExtractInput | undefined> {
  const execution = { workflowId, runId };
  const { history } = await call(() =>
    client.workflowService.getWorkflowExecutionHistory({ namespace, execution, maximumPageSize: 1 }),
  );
  const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return payload ? defaultPayloadConverter.fromPayload<ExtractInput>(payload) : undefined;
}

function isRunning({ status }: Pick<RunInfo, 'status'>): boolean {
  return status.name === 'RUNNING';
}

/** A list is worth more than a single line of it. */
async function orNothing<R>(work: Promise<R>): Promise<R | undefined> {
  try {
    return await work;
  } catch {
    return undefined;
  }
}

import { WorkflowNotFoundError } from '@temporalio/client';
import type { RunRef } from '../contract/activities.js';
import { EXTRACT_LEADS, familyOf } from '../contract/names.js';
import { CommandError } from './exit.js';
import { workflowIdFrom, type RunOptions } from './run-options.js';
import { isOpen } from '../runs/snapshot.js';
import type { Temporal } from './temporal.js';

/** A run and whether it is open. */
export interface FoundRun extends RunRef {
  readonly open: boolean;
}

/** Runs of an id that are looked at to find its latest: a schedule makes an id for each. */
const LOOKED_AT = 50;

/**
 * The run that options name: the one that an id stands for now, or the latest of a destination, whether it was started by
 * itself or by a schedule.
 *
 * @throws CommandError if there is none, or if it is something else than an extract
 */
export async function findRun(temporal: Temporal, options: RunOptions): Promise<FoundRun> {
  const workflowId = workflowIdFrom(options);
  if (options.workflowId !== undefined) return runOfId(temporal, workflowId);
  const scheduled = await latestScheduled(temporal, workflowId);
  try {
    const own = await runOfId(temporal, workflowId);
    return scheduled && !own.open && scheduled.startTime > own.startTime ? scheduled : own;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    if (scheduled) return scheduled;
    throw new CommandError(
      `There is no run for ${options.destination ?? workflowId} in the namespace ${temporal.namespace} at ` +
        `${temporal.address}. Runs that were started under an id of their own are found by it: ${temporal.command} list`,
    );
  }
}

/** The run that an id stands for now. @throws CommandError, and WorkflowNotFoundError where there is none */
export async function runOfId(
  temporal: Temporal,
  workflowId: string,
): Promise<FoundRun & { readonly startTime: Date }> {
  const { type, runId, status, startTime } = await temporal.call(() =>
    temporal.client.workflow.getHandle(workflowId).describe(),
  );
  if (type !== EXTRACT_LEADS) throw new CommandError(`"${workflowId}" is a ${type} workflow, not ${EXTRACT_LEADS}.`);
  return { workflowId, runId, open: isOpen({ status: status.name }), startTime };
}

/** The latest run that a schedule of that id, or the one of its full runs, has started: Temporal appends the time to the id. */
async function latestScheduled(
  { client, call }: Temporal,
  scheduleId: string,
): Promise<(FoundRun & { readonly startTime: Date }) | undefined> {
  const query = `WorkflowType = '${EXTRACT_LEADS}' AND WorkflowId STARTS_WITH '${scheduleId.replaceAll("'", "''")}'`;
  return call(async () => {
    let latest: (FoundRun & { readonly startTime: Date }) | undefined;
    let looked = 0;
    for await (const { workflowId, runId, status, startTime } of client.workflow.list({ query })) {
      const own = workflowId !== scheduleId && familyOf(workflowId) === scheduleId;
      if (own && !(latest && latest.startTime >= startTime)) {
        latest = { workflowId, runId, open: isOpen({ status: status.name }), startTime };
      }
      looked += 1;
      if (looked === LOOKED_AT) break;
    }
    return latest;
  });
}

/**
 * The run that options name, which must be open.
 *
 * @throws CommandError if it has ended
 */
export async function openRun(temporal: Temporal, options: RunOptions): Promise<RunRef> {
  const run = await findRun(temporal, options);
  if (!run.open) throw new CommandError(`The run "${run.workflowId}" has ended.`);
  return run;
}

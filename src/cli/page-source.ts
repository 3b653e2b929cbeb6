import { WorkflowNotFoundError, type WorkflowExecutionDescription } from '@temporalio/client';
import type { RunRef } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import { EXTRACT_LEADS } from '../contract/names.js';
import type { OverviewRun, PageSource, RunView } from '../page/source.js';
import { outputNames } from '../parts/output-names.js';
import { isOpen } from '../runs/snapshot.js';
import type { ListedRun } from '../runs/listed-run.js';
import { getObjectStream } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import { isNotFound } from '../storage/s3-errors.js';
import { explain } from './environment.js';
import { listRuns, listedRun } from './list-runs.js';
import { readOutcome } from './read-outcome.js';
import { takeSnapshot } from './snapshot.js';
import { withTemporal, type Temporal } from './temporal.js';
import type { Terminal } from './terminal.js';
import { runUrl, webUiUrl } from './web-ui.js';

/** Runs that the page lists. */
const LISTED_RUNS = 30;

/**
 * What the page tells, from Temporal and S3. A connection for each answer: after an outage the next one is as good as the first.
 *
 * @param store absent where this process may not read from S3
 */
export function pageSource(terminal: Pick<Terminal, 'env' | 'command'>, store?: ObjectStore): PageSource {
  const { env, command } = terminal;
  let ended: ReadonlyMap<string, ListedRun> = new Map();
  return {
    command,
    explain,
    overview: () =>
      withTemporal(terminal, async (temporal) => {
        const runs = await listRuns(temporal, LISTED_RUNS, ended);
        ended = new Map(runs.filter(isSettled).map((run) => [run.runId, run]));
        return {
          runs: await Promise.all(runs.map((run) => withSnapshot(temporal, run))),
          address: temporal.address,
          ...defined({ webUi: await webUiUrl(env, temporal) }),
        };
      }),
    run: (ref) =>
      withTemporal(terminal, async (temporal) => {
        const description = await describeRun(temporal, ref);
        return description && viewOf(temporal, description, env);
      }),
    ...(store && { report: (destination: string) => readReport(store, destination) }),
  };
}

async function viewOf(
  temporal: Temporal,
  description: WorkflowExecutionDescription,
  env: NodeJS.ProcessEnv,
): Promise<RunView> {
  const [run, snapshot] = await Promise.all([
    listedRun(temporal, description, false),
    takeSnapshot(temporal, description),
  ]);
  const outcome = isOpen(snapshot) ? undefined : await readOutcome(temporal, run);
  return { run, snapshot, ...defined({ outcome, webUi: await runUrl(env, temporal, run) }) };
}

/** Nothing where there is no such run, or where it is another kind of workflow. */
async function describeRun(
  { client, call }: Temporal,
  { workflowId, runId }: RunRef,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    const description = await call(() => client.workflow.getHandle(workflowId, runId).describe());
    return description.type === EXTRACT_LEADS ? description : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function withSnapshot(temporal: Temporal, run: ListedRun): Promise<OverviewRun> {
  if (run.endedAt !== undefined) return run;
  return { ...run, snapshot: await takeSnapshot(temporal, run) };
}

/** True for what nobody has to ask for again. */
function isSettled({ endedAt, status, destination, leads }: ListedRun): boolean {
  return endedAt !== undefined && destination !== undefined && (status !== 'COMPLETED' || leads !== undefined);
}

async function readReport(store: ObjectStore, destination: string): Promise<AsyncIterable<Buffer> | null> {
  try {
    return await getObjectStream(store, outputNames(destination).report);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

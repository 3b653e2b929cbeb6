import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { RunRef } from '../../contract/activities.js';
import { defined } from '../../contract/defined.js';
import type { ExtractInput } from '../../contract/input.js';
import { EXTRACT_LEADS } from '../../contract/names.js';
import type { extractLeads } from '../../workflows/index.js';
import { EXIT, type ExitCode } from '../exit.js';
import { follow } from '../follow.js';
import { inputFrom, type InputOptions } from '../input-options.js';
import { runSummary } from '../../text/mode.js';
import { defaultWorkflowId } from '../../runs/workflow-id.js';
import type { OutputOptions, TaskQueueOptions } from '../run-options.js';
import { withTemporal, type Temporal } from '../temporal.js';
import { answer, note, type Terminal } from '../terminal.js';
import { watchCommand } from '../views.js';
import { runUrl } from '../web-ui.js';

export interface StartOptions extends InputOptions, TaskQueueOptions, OutputOptions {
  readonly workflowId?: string;
  readonly detach?: true;
}

/** Starts a run, or finds the one that is open under its id, and follows it to its end. */
export async function start(options: StartOptions, terminal: Terminal): Promise<ExitCode> {
  const { input } = await inputFrom(options, terminal);
  const workflowId = options.workflowId ?? defaultWorkflowId(input.destination);
  const json = options.json === true;
  return withTemporal(terminal, async (temporal) => {
    const { run, existing } = await startOrFind(temporal, workflowId, options.taskQueue, input);
    if (existing) {
      note(terminal, `A run is open under the id "${workflowId}" already: the input given now is not used.`);
    }
    if (options.detach !== true) return follow(temporal, terminal, run, { existing, json });
    const url = await runUrl(terminal.env, temporal, run);
    const lines = [
      `${existing ? 'Open' : 'Started'}: run "${workflowId}" (${run.runId})`,
      ...(url === undefined ? [] : [url]),
      `Watch it with:\n  ${watchCommand(terminal, workflowId)}`,
    ];
    answer(terminal, options, { name: 'started', what: { ...run, existing, ...defined({ url }) }, lines });
    return EXIT.done;
  });
}

/** Starts a run unless one is open under the id. The memo tells whose start it was that Temporal took. */
async function startOrFind(
  { client, call }: Temporal,
  workflowId: string,
  taskQueue: string,
  input: ExtractInput,
): Promise<{ readonly run: RunRef; readonly existing: boolean }> {
  const startId = randomUUID();
  const handle = await call(() =>
    client.workflow.start<typeof extractLeads>(EXTRACT_LEADS, {
      workflowId,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: runSummary(input),
      memo: { startId, startedBy: `${userInfo().username}@${hostname()}` },
    }),
  );
  const run = { workflowId, runId: handle.firstExecutionRunId };
  const { memo } = await call(() => client.workflow.getHandle(workflowId, run.runId).describe());
  return { run, existing: memo?.['startId'] !== startId };
}

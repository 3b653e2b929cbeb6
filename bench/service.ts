import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { startTemporal, startWorker, type Server } from '../scripts/servers/index.js';
import type { ExtractInput } from '../src/contract/input.js';
import type { extractLeads } from '../src/workflows/index.js';
import type { Bench } from './benchmark.js';

/** What the benchmarks poll by: as quick as the server lets retries be. */
const POLL = { initialInterval: '200 milliseconds', maximumInterval: '400 milliseconds' } as const;

/** A Temporal server with workers as they run in production: processes of their own. */
export interface Service {
  readonly client: Client;
  readonly startWorker: () => Promise<Server>;
  readonly start: (
    input: ExtractInput,
    workflowId?: string,
  ) => Promise<WorkflowHandleWithFirstExecutionRunId<typeof extractLeads>>;
}

/** @param env what workers are told of S3 and Marketo */
export async function startService(bench: Bench, env: Readonly<Record<string, string>>): Promise<Service> {
  const temporal = await bench.keep(startTemporal());
  const connection = await Connection.connect({ address: temporal.address });
  await bench.keep(Promise.resolve({ stop: () => connection.close() }));
  const client = new Client({ connection });
  const taskQueue = 'bench';
  return {
    client,
    startWorker: () => bench.keep(startWorker({ ...temporal.env, ...env, TEMPORAL_TASK_QUEUE: taskQueue })),
    start: (input, workflowId = randomUUID()) =>
      client.workflow.start<typeof extractLeads>('extractLeads', {
        taskQueue,
        workflowId,
        args: [{ poll: POLL, ...input }],
      }),
  };
}

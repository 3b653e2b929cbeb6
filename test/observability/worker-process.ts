import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { startWorker, type Server } from '../../scripts/servers/index.js';
import type { Simulator } from '../../simulator/simulator.js';
import type { ExtractInput } from '../../src/contract/input.js';
import type { ExtractResult } from '../../src/contract/result.js';
import { FAST_POLL } from '../end-to-end/harness.js';
import { newBucket, s3Client } from '../helpers/s3.js';

const INHERITED = ['AWS_ENDPOINT_URL_S3', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;

/** A line of a worker's log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly dependency?: string;
}

/** A worker as a process of its own, for a simulated instance, on a task queue of its own. */
export interface WorkerProcess extends Server {
  readonly taskQueue: string;
}

/** @param env beside what connects it to Temporal, S3 and the instance */
export async function startWorkerFor(
  simulator: Simulator,
  env: Readonly<Record<string, string>> = {},
): Promise<WorkerProcess> {
  const taskQueue = `test-${randomUUID()}`;
  const worker = await startWorker({
    ...Object.fromEntries(INHERITED.map((name) => [name, process.env[name] ?? ''])),
    S3_FORCE_PATH_STYLE: 'true',
    TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'] ?? '',
    TEMPORAL_TASK_QUEUE: taskQueue,
    MARKETO_ENDPOINT: simulator.url,
    MARKETO_CLIENT_ID: simulator.options.clientId,
    MARKETO_CLIENT_SECRET: simulator.options.clientSecret,
    ...env,
  });
  return Object.assign(worker, { taskQueue });
}

/** Runs an extract to its end, into a bucket of its own. */
export async function extractBy(
  { taskQueue }: WorkerProcess,
  input: Partial<ExtractInput> = {},
): Promise<ExtractResult> {
  const s3 = s3Client();
  const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  try {
    const destination = `s3://${await newBucket(s3)}/leads.csv`;
    return (await new Client({ connection }).workflow.execute('extractLeads', {
      taskQueue,
      workflowId: `run-${randomUUID()}`,
      args: [{ destination, poll: FAST_POLL, endAt: '2024-03-20T00:00:00Z', ...input }],
    })) as ExtractResult;
  } finally {
    await connection.close();
    s3.destroy();
  }
}

/** The lines of a worker's log; one that is no JSON is an error of its own. */
export function logOf(worker: Server): LogLine[] {
  return worker
    .log()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (line.startsWith('{') ? (JSON.parse(line) as LogLine) : { level: 'NO JSON', message: line }));
}

// `npm run record-histories [-- NAME…]`: records histories of every shape that a run can take into test/histories, against
// servers of its own. What is there already stays as it is unless it is named.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Fault } from '../simulator/faults.js';
import type { ExtractInput } from '../src/contract/input.js';
import type { ExtractProgress } from '../src/contract/progress.js';
import type { extractLeads } from '../src/workflows/index.js';
import { ROOT } from './root.js';
import { isolatedEnvironment } from './servers/child.js';
import { startS3, startSimulatorProcess, startTemporal, startWorker, type Server } from './servers/index.js';
import { toolPath } from './tools.js';

const HISTORIES = join(ROOT, 'test/histories');
const FIRST_WINDOW = '2024-01-01T00:00:00Z';
/** Creates before those of the windows: the one that checks the fields. */
const FIELD_CHECKS = 1;

type Run = WorkflowHandleWithFirstExecutionRunId<typeof extractLeads>;
type Shape = (name: string) => Promise<Run>;

const started: Server[] = [];
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
const [temporal, s3, simulator] = await Promise.all([track(startTemporal()), track(startS3()), track(startInstance())]);
await track(startWorker({ ...temporal.env, ...s3.env, ...simulator.env }));
const connection = await Connection.connect({ address: temporal.address });
const client = new Client({ connection });

/** Each leads a run to its end. */
const SHAPES: Readonly<Record<string, Shape>> = {
  completed: (name) => ended(begin(name)),
  updated: async (name) => {
    await ended(begin(name));
    return ended(begin(name, { mode: 'update', endAt: '2024-03-01T00:00:00Z' }));
  },
  steered: async (name) => {
    const run = await begin(name);
    await run.signal('pause');
    await run.executeUpdate('setConcurrency', { args: [2] });
    await run.signal('resume');
    return ended(run);
  },
  'lost-job': async (name) => {
    await inject({ endpoint: 'create', nth: FIELD_CHECKS + 1, effect: { kind: 'jobFails' } });
    return ended(begin(name));
  },
  'bad-file': async (name) => {
    await inject({ endpoint: 'create', nth: FIELD_CHECKS + 1, effect: { kind: 'wrongChecksum' } });
    return ended(begin(name));
  },
  'forgotten-job': async (name) => {
    await inject({ endpoint: 'create', nth: FIELD_CHECKS + 1, effect: { kind: 'jobStuck', status: 'Created' } });
    return ended(begin(name));
  },
  unavailable: async (name) => {
    await inject({ endpoint: 'any', every: 3, times: 6, effect: { kind: 'http', status: 503 } });
    return ended(begin(name));
  },
  refused: async (name) => {
    await inject({ endpoint: 'create', nth: 1, effect: { kind: 'error', code: '603', message: 'Access denied' } });
    return ended(begin(name));
  },
  'export-quota': async (name) => {
    await inject({ endpoint: 'enqueue', nth: 1, effect: { kind: 'quotaExceeded' } });
    const run = await begin(name);
    await until(run, ({ current }) => current[0]?.wait?.reason === 'exportQuota');
    await post('clock', { jumpSeconds: 24 * 3600 });
    // The wait is until the real midnight: this ends it.
    await temporalCli('activity', 'reset', '--workflow-id', windowId(name), '--activity-id', '2');
    return ended(run);
  },
  'failed-window': async (name) => {
    await inject({ endpoint: 'create', nth: FIELD_CHECKS + 1, effect: { kind: 'wrongRecordCount', by: 1 } });
    return ended(begin(name));
  },
  'taken-over': async (name) => {
    await inject({ endpoint: 'create', nth: FIELD_CHECKS + 2, effect: { kind: 'wrongRecordCount', by: 1 } });
    await ended(begin(name));
    return ended(begin(name));
  },
  'retried-window': async (name) => {
    await inject({ endpoint: 'create', nth: FIELD_CHECKS + 1, effect: { kind: 'wrongRecordCount', by: 1 } });
    const run = await begin(name, { onWindowFailure: 'wait' });
    await until(run, ({ stage }) => stage === 'waiting for retryWindow');
    await run.signal('retryWindow', FIRST_WINDOW);
    return ended(run);
  },
  cancelled: async (name) => {
    await inject({ endpoint: 'create', nth: FIELD_CHECKS + 1, effect: { kind: 'jobStuck', status: 'Processing' } });
    const run = await begin(name);
    await until(run, ({ windows }) => windows.exporting > 0);
    await sleep(2000);
    await run.cancel();
    return ended(run);
  },
  'destination-changed': async (name) => {
    await inject({ endpoint: 'create', nth: FIELD_CHECKS + 1, effect: { kind: 'wrongRecordCount', by: 1 } });
    const run = await begin(name, { onWindowFailure: 'wait' });
    await until(run, ({ stage }) => stage === 'waiting for retryWindow');
    await putForeignObject(name);
    await run.signal('retryWindow', FIRST_WINDOW);
    return ended(run);
  },
  'after-termination': async (name) => {
    await inject({ endpoint: 'create', nth: FIELD_CHECKS + 1, effect: { kind: 'jobStuck', status: 'Processing' } });
    const run = await begin(name);
    await until(run, ({ windows }) => windows.exporting > 0);
    await sleep(2000);
    // The old window takes a while to cancel its job, so that the next run meets it.
    await inject({ endpoint: 'cancel', nth: 2, effect: { kind: 'hang', seconds: 20 } });
    await inject({ endpoint: 'cancel', nth: 1, effect: { kind: 'hang', seconds: 20 } });
    await run.terminate();
    return ended(begin(name));
  },
};

try {
  await mkdir(HISTORIES, { recursive: true });
  const named = process.argv.slice(2);
  for (const [name, shape] of Object.entries(SHAPES)) {
    if (named.length > 0 ? !named.includes(name) : existsSync(join(HISTORIES, `${name}.json`))) continue;
    await fetch(`${simulator.url}/simulator/faults`, { method: 'DELETE' });
    const run = await shape(name);
    await record(name, run);
    process.stdout.write(`${name}: ${(await run.describe()).status.name}\n`);
  }
} finally {
  await connection.close();
  await Promise.all(started.map((server) => server.stop()));
}

/** Two windows, and jobs of a second or so. */
function startInstance(): ReturnType<typeof startSimulatorProcess> {
  const range = ['--from', FIRST_WINDOW, '--until', '2024-02-20T00:00:00Z'];
  return startSimulatorProcess(['--leads', '40', ...range, '--speed', '300', '--processing-seconds', '60-120']);
}

function begin(name: string, input: Partial<ExtractInput> = {}): Promise<Run> {
  return client.workflow.start<typeof extractLeads>('extractLeads', {
    workflowId: name,
    taskQueue: 'marketo-lead-extract',
    args: [
      {
        destination: `s3://${s3.bucket}/${name}.csv`,
        fields: ['email'],
        endAt: '2024-02-25T00:00:00Z',
        poll: { initialInterval: 500, maximumInterval: 1000 },
        ...input,
      },
    ],
  });
}

/** Waits for a run's end, whichever it is. */
async function ended(run: Run | Promise<Run>): Promise<Run> {
  const handle = await run;
  await handle.result().catch(() => undefined);
  return handle;
}

async function until(run: Run, isSo: (progress: ExtractProgress) => boolean): Promise<void> {
  while (!isSo(await run.query<ExtractProgress>('progress'))) await sleep(100);
}

function windowId(name: string): string {
  return `${name}/${FIRST_WINDOW}`;
}

/** Records a run, and its first window as it was first started. */
async function record(name: string, run: Run): Promise<void> {
  const history = await run.fetchHistory();
  await write(name, history);
  const children = (history.events ?? []).flatMap(
    ({ childWorkflowExecutionStartedEventAttributes: child }) => child?.workflowExecution ?? [],
  );
  const window = children.find(({ workflowId }) => workflowId === windowId(name));
  if (!window?.runId) return;
  await write(`${name}.window`, await client.workflow.getHandle(windowId(name), window.runId).fetchHistory());
}

/** Writes a history as Temporal's command line does, an event a line, without what tells of the machine that it ran on. */
async function write(name: string, history: Parameters<typeof historyToJSON>[0]): Promise<void> {
  const { events } = JSON.parse(historyToJSON(history)) as { events: readonly unknown[] };
  const withoutMachine = (key: string, value: unknown): unknown => {
    if (key === 'stackTrace') return '';
    if (key === 'identity') return 'recorder';
    return typeof value === 'string' ? value.replaceAll(`@${hostname()}`, '@recorder') : value;
  };
  const lines = events.map((event) => JSON.stringify(event, withoutMachine));
  await writeFile(join(HISTORIES, `${name}.json`), `{"events":[\n${lines.join(',\n')}\n]}\n`);
}

async function inject(...faults: readonly Fault[]): Promise<void> {
  await post('faults', faults);
}

async function post(what: string, body: unknown): Promise<void> {
  const { ok } = await fetch(`${simulator.url}/simulator/${what}`, { method: 'POST', body: JSON.stringify(body) });
  if (!ok) throw new Error(`The simulator does not take ${what}`);
}

async function temporalCli(...args: readonly string[]): Promise<void> {
  await promisify(execFile)(toolPath('temporal'), args, { env: isolatedEnvironment(temporal.env) });
}

async function putForeignObject(name: string): Promise<void> {
  const s3Client = new S3Client({
    endpoint: s3.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: s3.env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: s3.env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  });
  await s3Client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: `${name}.csv`, Body: 'of another' }));
  s3Client.destroy();
}

async function track<T extends Server>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  started.push(server);
  return server;
}

// `npm run soak [-- --windows 100] [-- --minutes 20] [-- --seed 1]`: a long run while everything around it breaks all the time.
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { Client, Connection, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { checkOutput } from '../scripts/demo-check.js';
import {
  startS3,
  startSimulatorProcess,
  startTemporal,
  startWorker,
  type S3Server,
  type Server,
  type SimulatorServer,
} from '../scripts/servers/index.js';
import type { Fault } from '../simulator/faults.js';
import { MAX_WINDOW_DAYS } from '../src/contract/limits.js';
import type { ExtractResult } from '../src/contract/result.js';
import { rootOf } from '../src/contract/root-failure.js';
import type { extractLeads } from '../src/workflows/index.js';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const { values } = parseArgs({
  options: {
    windows: { type: 'string', default: '100' },
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const WINDOWS = Number(values.windows);
const MINUTES = Number(values.minutes);

const LEADS_PER_WINDOW = 60;
const KEY = 'soak/leads.csv';
const WORKFLOW_ID = 'soak';
/** Runs that are cancelled or terminated, and what the client calls their end. */
const MOST_INTERRUPTIONS = 4;
const INTERRUPTIONS: ReadonlySet<string> = new Set(['CancelledFailure', 'TerminatedFailure']);
const FROM = Date.parse('2010-01-01T00:00:00Z');
const END = FROM + WINDOWS * MAX_WINDOW_DAYS * 86_400_000 - 1000;

const html = '<html><body>Service Unavailable</body></html>';
const error = (code: string, message: string): Fault['effect'] => ({ kind: 'error', code, message });

/** One call in ten meets one of these, whichever it is. */
const ANYWHERE: readonly Fault['effect'][] = [
  { kind: 'http', status: 502, body: html },
  { kind: 'http', status: 503, body: html },
  { kind: 'reset' },
  { kind: 'resetAfter' },
  { kind: 'truncateBody' },
  { kind: 'hang', seconds: 2 },
  { kind: 'expireToken' },
  error('604', 'Request timed out'),
  error('608', 'API Temporarily Unavailable'),
  error('713', 'Transient Error'),
];

const FAULTS: readonly Fault[] = [
  ...ANYWHERE.map((effect): Fault => ({ endpoint: 'any', probability: 0.1 / ANYWHERE.length, effect })),
  // More that only a download or a job can meet.
  { endpoint: 'file', probability: 0.1, effect: { kind: 'cutAfterBytes', bytes: 500_000 } },
  { endpoint: 'file', probability: 0.02, effect: { kind: 'flipBit', atByte: 100_000 } },
  { endpoint: 'create', probability: 0.02, effect: { kind: 'jobFails' } },
  { endpoint: 'create', probability: 0.02, effect: { kind: 'jobVanishes' } },
];

interface State {
  readonly jobs: readonly { startAt: string; endAt: string; status: string; bytes?: number; bytesSent: number }[];
  readonly calls: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
}

const started: Server[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  await Promise.all(started.map((server) => server.stop()));
}

/** @returns whether the output is exactly what it must be and nothing else is left */
async function soak(): Promise<boolean> {
  const [temporal, s3, simulator] = await Promise.all([
    track(startTemporal()),
    track(startS3()),
    track(startSimulatorProcess(simulatorOptions())),
  ]);
  const environment = { ...temporal.env, ...s3.env, ...simulator.env };
  const workers = await Promise.all([track(startWorker(environment)), track(startWorker(environment))]);
  await fetch(`${simulator.url}/simulator/faults`, { method: 'POST', body: JSON.stringify(FAULTS) });

  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  const over = new AbortController();
  const kills = killAgainAndAgain(workers, over.signal);
  const starts: Record<string, number> = {};
  const startedAt = Date.now();
  const deadline = sleep(MINUTES * 60_000, undefined, { signal: over.signal }).then(() => {
    throw new Error(`The run was not over after ${MINUTES} minutes`);
  });
  try {
    const result = await Promise.race([untilDone(client, s3.bucket, starts, over.signal), deadline]);
    say(`${result.windows} windows, ${result.leads} leads, ${megabytes(result.bytes)}`);
  } catch (reason) {
    say(`WRONG: ${reason instanceof Error ? reason.message : String(reason)}`);
    say(JSON.stringify(await client.workflow.getHandle(WORKFLOW_ID).query('progress')));
    return false;
  } finally {
    over.abort();
    say(`${await kills} kills of a worker in ${Math.round((Date.now() - startedAt) / 1000)} s`);
    say(`Started again under the same id: ${list(starts)}`);
    await connection.close();
  }
  return report(s3, simulator);
}

/** Starts the run, and again under the same id whenever it is cancelled, is terminated or fails, until it comes to its end. */
async function untilDone(
  client: Client,
  bucket: string,
  starts: Record<string, number>,
  signal: AbortSignal,
): Promise<ExtractResult> {
  for (let start = 0; ; start++) {
    const handle = await client.workflow.start<typeof extractLeads>('extractLeads', {
      workflowId: WORKFLOW_ID,
      taskQueue: 'marketo-lead-extract',
      args: [
        {
          destination: `s3://${bucket}/${KEY}`,
          endAt: new Date(END).toISOString(),
          concurrency: 4,
          poll: { initialInterval: 500, maximumInterval: 2000 },
        },
      ],
    });
    const ended = new AbortController();
    const interruption = interrupt(handle, start, AbortSignal.any([signal, ended.signal]));
    try {
      return await handle.result();
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const { type } = rootOf(error);
      if (type === 'WindowsFailed' || INTERRUPTIONS.has(type)) starts[type] = (starts[type] ?? 0) + 1;
      else throw error;
    } finally {
      ended.abort();
      await interruption;
    }
  }
}

/** Cancels or terminates a run after a minute or two, by turns; the later ones are left in peace. */
async function interrupt(
  handle: WorkflowHandle<typeof extractLeads>,
  start: number,
  signal: AbortSignal,
): Promise<void> {
  if (start >= MOST_INTERRUPTIONS) return;
  try {
    await sleep(45_000 + 45_000 * Math.random(), undefined, { signal });
    await (start % 2 === 0 ? handle.cancel() : handle.terminate());
  } catch {
    // It is over by itself.
  }
}

function simulatorOptions(): string[] {
  return Object.entries({
    seed: values.seed,
    leads: WINDOWS * LEADS_PER_WINDOW,
    from: new Date(FROM).toISOString(),
    until: new Date(END).toISOString(),
    'padding-bytes': 40_000,
    // A minute of Marketo's in 300 ms.
    speed: 200,
    'processing-seconds': '60-300',
    'daily-quota-bytes': 1e12,
  }).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Kills one of the workers every few seconds, as a crash would, and starts it again. */
async function killAgainAndAgain(workers: readonly Server[], signal: AbortSignal): Promise<number> {
  for (let kills = 0; ; kills++) {
    try {
      await sleep(2000 + 6000 * Math.random(), undefined, { signal });
    } catch {
      return kills;
    }
    const worker = workers[Math.floor(Math.random() * workers.length)];
    await worker?.kill();
    await worker?.restart();
  }
}

async function report(s3: S3Server, simulator: SimulatorServer): Promise<boolean> {
  const { jobs, calls, faults } = (await (await fetch(`${simulator.url}/simulator/state`)).json()) as State;
  const ofWindows = jobs.filter(({ startAt, endAt }) => Date.parse(endAt) - Date.parse(startAt) > 1000);
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
  say(`${sum(Object.values(faults))} faults: ${list(faults)}`);
  say(`${sum(Object.values(calls))} calls: ${list(calls)}`);
  say(`${ofWindows.length} jobs for ${WINDOWS} windows`);
  const fetched = ofWindows.filter(({ bytesSent }) => bytesSent > 0);
  const again = sum(fetched.map(({ bytes = 0, bytesSent }) => Math.max(0, bytesSent - bytes)));
  say(`${megabytes(sum(fetched.map(({ bytesSent }) => bytesSent)))} fetched, ${megabytes(again)} of it again`);

  const { problems } = await checkOutput(s3, KEY, simulator.url);
  const active = jobs.filter(({ status }) => status === 'Queued' || status === 'Processing');
  const wrong = [
    ...problems,
    ...(active.length > 0 ? [`${active.length} jobs are queued or running`] : []),
    ...((await openUploads(s3)) > 0 ? ['uploads are open'] : []),
  ];
  for (const problem of wrong) say(`WRONG: ${problem}`);
  if (wrong.length === 0) say('Checked: byte for byte what the instance holds; no job and no upload is left.');
  return wrong.length === 0;
}

async function openUploads({ url, bucket, env }: S3Server): Promise<number> {
  const client = new S3Client({
    endpoint: url,
    region: env['AWS_REGION'] ?? '',
    forcePathStyle: true,
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  });
  try {
    return (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.length ?? 0;
  } finally {
    client.destroy();
  }
}

async function track<T extends Server>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  started.push(server);
  return server;
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ListMultipartUploadsCommand, ListObjectsV2Command, ListPartsCommand, type S3Client } from '@aws-sdk/client-s3';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { expect } from '@jest/globals';
import { isolatedEnvironment } from '../../scripts/servers/child.js';
import { startWorker } from '../../scripts/servers/product.js';
import type { Server } from '../../scripts/servers/server.js';
import { toolPath } from '../../scripts/tools.js';
import type { Job } from '../../simulator/jobs.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { Simulator } from '../../simulator/simulator.js';
import type { ExtractInput } from '../../src/contract/input.js';
import type { ExtractResult } from '../../src/contract/result.js';
import type { extractLeads } from '../../src/workflows/index.js';
import { newBucket, readObject, s3Client } from '../helpers/s3.js';
import { S3Proxy } from '../helpers/s3-proxy.js';

const DAY = 86_400_000;
const FROM = Date.parse('2024-01-01T00:00:00Z');

/** Parts of the files in S3, in bytes: what a crash may cost at most is one of them. */
export const PART_BYTES = 8 * 1024 * 1024;

/** One window whose file has two parts and a bit. */
export const LARGE_FILE: Partial<SimulatorOptions> = { leads: 400, paddingBytes: 45_000, until: FROM + 20 * DAY };

/**
 * Ends the range of a run before a second window begins: a worker that is killed while it transfers the first file may have
 * been creating the second window's job, which then is made again, as it must be.
 */
export const ONE_WINDOW = { endAt: '2024-01-25T00:00:00Z' } as const;

/** The range that the runs of a rig export: it ends after the latest lead, in the third window. */
const END = '2024-03-20T00:00:00Z';

/** Two months and a bit of leads: three windows. */
const THREE_WINDOWS: Partial<SimulatorOptions> = { leads: 600, from: FROM, until: FROM + 70 * DAY };

/**
 * A simulated instance, a bucket behind a door, and workers that are processes of their own and can be killed, over the
 * Temporal and S3 of the environment.
 */
export class Rig {
  readonly workers: Server[] = [];
  readonly taskQueue = `test-${randomUUID()}`;

  private constructor(
    readonly simulator: Simulator,
    readonly proxy: S3Proxy,
    readonly s3: S3Client,
    readonly bucket: string,
    readonly client: Client,
    private readonly servers: NodeJS.ProcessEnv,
  ) {}

  /** @param servers names Temporal and S3 */
  static async start(options: Partial<SimulatorOptions> = {}, servers: NodeJS.ProcessEnv = process.env): Promise<Rig> {
    const simulator = await Simulator.start({
      speed: 1000,
      processingSeconds: [60, 240],
      ...THREE_WINDOWS,
      ...options,
    });
    const [proxy, connection] = await Promise.all([
      S3Proxy.start(servers['AWS_ENDPOINT_URL_S3'] ?? ''),
      Connection.connect({ address: servers['TEMPORAL_ADDRESS'] ?? '' }),
    ]);
    const s3 = s3Client(servers);
    return new Rig(simulator, proxy, s3, await newBucket(s3), new Client({ connection }), servers);
  }

  get destination(): string {
    return `s3://${this.bucket}/out/leads.csv`;
  }

  /** Starts another worker. */
  async work(env: Readonly<Record<string, string>> = {}): Promise<Server> {
    const { clientId, clientSecret } = this.simulator.options;
    const passed = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION', 'TEMPORAL_ADDRESS'];
    const worker = await startWorker({
      ...Object.fromEntries(passed.map((name) => [name, this.servers[name] ?? ''])),
      AWS_ENDPOINT_URL_S3: this.proxy.url,
      S3_FORCE_PATH_STYLE: 'true',
      TEMPORAL_TASK_QUEUE: this.taskQueue,
      MARKETO_ENDPOINT: this.simulator.url,
      MARKETO_CLIENT_ID: clientId,
      MARKETO_CLIENT_SECRET: clientSecret,
      ...env,
    });
    this.workers.push(worker);
    return worker;
  }

  /** Kills every worker and starts a new one, with nothing in its way. */
  async crash(): Promise<Server> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    this.proxy.clear();
    this.simulator.faults.clear();
    return this.work();
  }

  begin(
    input: Partial<ExtractInput> = {},
    workflowId = `run-${randomUUID()}`,
  ): Promise<WorkflowHandleWithFirstExecutionRunId<typeof extractLeads>> {
    return this.client.workflow.start<typeof extractLeads>('extractLeads', {
      taskQueue: this.taskQueue,
      workflowId,
      args: [
        {
          destination: this.destination,
          poll: { initialInterval: 200, maximumInterval: 400 },
          endAt: END,
          ...input,
        },
      ],
    });
  }

  /** Jobs of windows: all but the one over a second that checks the fields. */
  get windowJobs(): Job[] {
    return this.simulator.jobs.all.filter(({ selection }) => selection.endAt - selection.startAt > 1000);
  }

  calls(endpoint: string): number {
    return this.simulator.calls.records.filter((call) => call.endpoint === endpoint).length;
  }

  async keys(): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: this.bucket }));
    return Contents.flatMap(({ Key }) => Key ?? []);
  }

  async openUploads(): Promise<string[]> {
    const { Uploads = [] } = await this.s3.send(new ListMultipartUploadsCommand({ Bucket: this.bucket }));
    return Uploads.flatMap(({ Key }) => Key ?? []);
  }

  /** Bytes that lie in S3 in parts of open uploads. */
  async uploadedBytes(): Promise<number> {
    const { Uploads = [] } = await this.s3.send(new ListMultipartUploadsCommand({ Bucket: this.bucket }));
    const lists = await Promise.all(
      Uploads.map(({ Key, UploadId }) =>
        this.s3.send(new ListPartsCommand({ Bucket: this.bucket, Key, UploadId })).catch(() => ({ Parts: [] })),
      ),
    );
    return lists.flatMap(({ Parts = [] }) => Parts).reduce((sum, { Size = 0 }) => sum + Size, 0);
  }

  /** First bytes that were asked for of export files, in order. */
  get downloadsFrom(): number[] {
    return this.simulator.calls.records
      .filter(({ endpoint }) => endpoint === 'file')
      .map(({ range }) => Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0));
  }

  /** What a right run over the result's range delivers, by the simulator's own account. */
  async expected({ startAt, endAt }: Pick<ExtractResult, 'startAt' | 'endAt'>): Promise<Buffer> {
    const answer = await fetch(`${this.simulator.url}/simulator/expected?startAt=${startAt}&endAt=${endAt}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  /** The output is byte for byte what it must be; no job is left queued or running, no upload open, no part kept. */
  async expectRightAndClean(result: ExtractResult): Promise<void> {
    const [output, expected] = await Promise.all([
      readObject(this.s3, this.bucket, 'out/leads.csv'),
      this.expected(result),
    ]);
    // Not toEqual: a difference would print people's rows.
    expect(output.equals(expected)).toBe(true);
    expect((await this.keys()).filter((key) => key.includes('/parts/'))).toEqual([]);
    await this.expectNothingOpen();
  }

  async expectNothingOpen(): Promise<void> {
    expect(this.simulator.jobs.active().map(({ exportId }) => exportId)).toEqual([]);
    expect(await this.openUploads()).toEqual([]);
  }

  /** Exactly one job for each window that has a job. */
  expectOneJobPerWindow(): void {
    const windows = this.windowJobs.map(({ selection }) => selection.startAt);
    expect(windows).toHaveLength(new Set(windows).size);
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.client.connection.close();
    await Promise.all([this.simulator.close(), this.proxy.stop()]);
    this.s3.destroy();
  }
}

/** Waits until something is so; the test's own time limit ends a wait in vain. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50);
}

/** Runs the command that a person would type. */
export async function temporal(...args: readonly string[]): Promise<void> {
  await promisify(execFile)(toolPath('temporal'), args, {
    env: isolatedEnvironment({ TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'] ?? '' }),
  });
}

/** Runs a test with a rig of its own. */
export async function withRig(options: Partial<SimulatorOptions>, body: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await Rig.start(options);
  try {
    await body(rig);
  } finally {
    await rig.stop();
  }
}

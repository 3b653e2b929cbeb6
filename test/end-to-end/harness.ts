import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ListMultipartUploadsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { expect } from '@jest/globals';
import { Simulator } from '../../simulator/simulator.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { createActivities } from '../../src/activities/index.js';
import type { ExtractInput } from '../../src/contract/input.js';
import type { ExtractResult, Manifest } from '../../src/contract/result.js';
import { createMarketoClient } from '../../src/marketo/client.js';
import { createObjectStore } from '../../src/storage/object-store.js';
import type { extractLeads } from '../../src/workflows/index.js';
import { newBucket, readObject, s3Client } from '../helpers/s3.js';
import type { ServerClock } from './server-clock.js';

const WORKFLOW_BUNDLE = fileURLToPath(new URL('../../lib/workflow-bundle.js', import.meta.url));

/** A simulated day of 86,400 s in 86 s: a minute, after which Marketo renews a status, in 60 ms. */
const SPEED = 1000;

/** What the tests wait in place of the recipe's one to four minutes; still more than a simulated minute. */
export const FAST_POLL = { initialInterval: 200, maximumInterval: 400 } as const;

const DAY = 86_400_000;

/** Two months and a bit of leads: three windows. */
export const THREE_WINDOWS: Partial<SimulatorOptions> = {
  leads: 600,
  from: Date.parse('2024-01-01T00:00:00Z'),
  until: Date.parse('2024-01-01T00:00:00Z') + 70 * DAY,
};

/** A simulated instance, a bucket, and a worker of this process on a queue of its own, over the shared Temporal and S3. */
export class Service {
  lastWorkflowId: string | undefined;

  private constructor(
    readonly simulator: Simulator,
    readonly client: Client,
    readonly s3: S3Client,
    readonly bucket: string,
    readonly taskQueue: string,
    private readonly stopWorker: () => Promise<void>,
  ) {}

  /**
   * @param env a Temporal server of its own, which is torn down with the service; the shared one unless given
   * @param clock of that server, for the activities and the simulated instance to follow
   */
  static async start(
    options: Partial<SimulatorOptions> = {},
    env?: TestWorkflowEnvironment,
    clock?: ServerClock,
  ): Promise<Service> {
    const simulator = await Simulator.start({
      speed: SPEED,
      processingSeconds: [60, 240],
      ...THREE_WINDOWS,
      ...options,
    });
    const { client, nativeConnection, close } = env ? ofEnvironment(env) : await ofSharedServer();
    const s3 = s3Client();
    const taskQueue = `test-${randomUUID()}`;
    const { clientId, clientSecret } = simulator.options;
    const store = createObjectStore({ forcePathStyle: true, region: 'us-east-1' });
    for (const signer of [s3, store.client]) clock?.spare(signer);
    const activities = createActivities({
      marketo: createMarketoClient({ endpoint: simulator.url, clientId, clientSecret }),
      store,
    });
    const worker = await Worker.create({
      connection: nativeConnection,
      taskQueue,
      workflowBundle: { codePath: WORKFLOW_BUNDLE },
      activities: { ...(clock?.wrap(activities) ?? activities) },
    });
    const running = worker.run();
    return new Service(simulator, client, s3, await newBucket(s3), taskQueue, async () => {
      worker.shutdown();
      await running;
      await close();
    });
  }

  get destination(): string {
    return `s3://${this.bucket}/out/leads.csv`;
  }

  start(
    input: Partial<ExtractInput> = {},
    workflowId = `run-${randomUUID()}`,
  ): Promise<WorkflowHandleWithFirstExecutionRunId<typeof extractLeads>> {
    this.lastWorkflowId = workflowId;
    return this.client.workflow.start<typeof extractLeads>('extractLeads', {
      taskQueue: this.taskQueue,
      workflowId,
      args: [{ destination: this.destination, poll: FAST_POLL, endAt: '2024-03-20T00:00:00Z', ...input }],
    });
  }

  async extract(input: Partial<ExtractInput> = {}): Promise<ExtractResult> {
    return (await this.start(input)).result();
  }

  read(key: string): Promise<Buffer> {
    return readObject(this.s3, this.bucket, key);
  }

  async manifest(): Promise<Manifest> {
    return JSON.parse((await this.read('out/_leads.csv/manifest.json')).toString()) as Manifest;
  }

  /** What a right run over the result's range delivers, by the simulator's own account. */
  async expected(
    { startAt, endAt }: Pick<ExtractResult, 'startAt' | 'endAt'>,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Buffer> {
    const search = new URLSearchParams({ startAt, endAt, ...query });
    const answer = await fetch(`${this.simulator.url}/simulator/expected?${search.toString()}`);
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  }

  /** The output is byte for byte what it must be, and nothing else is left anywhere. */
  async expectRightAndClean(result: ExtractResult, quoting: ExtractInput['quoting'] = 'rfc4180'): Promise<void> {
    const [output, expected] = await Promise.all([this.read('out/leads.csv'), this.expected(result, { quoting })]);
    // Not toEqual: a difference would print people's rows, thousands of them.
    expect(output.equals(expected)).toBe(true);
    expect(result.bytes).toBe(expected.length);
    await this.expectNothingLeft();
    expect(await this.keys()).toEqual(expect.arrayContaining(['out/leads.csv', 'out/_leads.csv/manifest.json']));
    expect((await this.keys()).filter((key) => key.includes('/parts/'))).toEqual([]);
  }

  /** No job is queued or running, and no upload is open. */
  async expectNothingLeft(): Promise<void> {
    expect(this.simulator.jobs.active().map(({ exportId }) => exportId)).toEqual([]);
    const { Uploads = [] } = await this.s3.send(new ListMultipartUploadsCommand({ Bucket: this.bucket }));
    expect(Uploads.map(({ Key }) => Key)).toEqual([]);
  }

  async keys(): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: this.bucket }));
    return Contents.flatMap(({ Key }) => Key ?? []);
  }

  /** Outcomes of the calls to an endpoint, in order. */
  calls(endpoint: string): (string | undefined)[] {
    return this.simulator.calls.records.filter((call) => call.endpoint === endpoint).map(({ outcome }) => outcome);
  }

  async stop(): Promise<void> {
    await this.stopWorker();
    await this.simulator.close();
    this.s3.destroy();
  }
}

interface TemporalAccess {
  readonly client: Client;
  readonly nativeConnection: NativeConnection;
  readonly close: () => Promise<void>;
}

async function ofSharedServer(): Promise<TemporalAccess> {
  const address = process.env['TEMPORAL_ADDRESS'] ?? '';
  const [connection, nativeConnection] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  const close = async (): Promise<void> => {
    await Promise.all([connection.close(), nativeConnection.close()]);
  };
  return { client: new Client({ connection }), nativeConnection, close };
}

function ofEnvironment(env: TestWorkflowEnvironment): TemporalAccess {
  return { client: env.client, nativeConnection: env.nativeConnection, close: () => env.teardown() };
}

/** Quiet logs: what the service logs about faults is no news in a test of faults. */
export function quiet(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'ERROR' } },
  });
}

/** Runs a test with a service of its own. */
export async function withService(
  options: Partial<SimulatorOptions>,
  body: (service: Service) => Promise<void>,
): Promise<void> {
  const service = await Service.start(options);
  try {
    await body(service);
  } finally {
    await service.stop();
  }
}

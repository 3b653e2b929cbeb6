import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../../src/contract/activities.js';
import { FakeActivities } from '../workflows/fake-activities.js';

/** The real workflows on the real Temporal server, over activities that do as told: the command line sees no difference. */
export class FakeWorker {
  readonly taskQueue = `cli-${randomUUID()}`;
  readonly activities = new HeldActivities();

  private worker: Worker | undefined;
  private running: Promise<void> | undefined;

  private constructor(private readonly connection: NativeConnection) {}

  static async start(address: string): Promise<FakeWorker> {
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: { logging: { filter: 'OFF' } },
    });
    const fake = new FakeWorker(await NativeConnection.connect({ address }));
    await fake.run();
    return fake;
  }

  async stop(): Promise<void> {
    this.worker?.shutdown();
    await this.running;
    await this.connection.close();
  }

  private async run(): Promise<void> {
    const { connection, taskQueue, activities } = this;
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
      payloadConverterPath: fileURLToPath(new URL('../../src/workflows/payload-converter.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    });
    this.worker = await Worker.create({
      connection,
      taskQueue,
      workflowBundle,
      activities: liveActivities(activities),
    });
    this.running = this.worker.run();
  }
}

/** Fake activities of which some can be held up: jobs stay queued until they are let go. */
class HeldActivities extends FakeActivities {
  /** Jobs stay queued while this is set. */
  held = false;

  constructor() {
    super();
    const { awaitJob } = this;
    this.awaitJob = async (args) => {
      if (!this.held) return awaitJob(args);
      throw ApplicationFailure.create({
        message: 'queued',
        category: ApplicationFailureCategory.BENIGN,
        nextRetryDelay: '1 second',
      });
    };
  }
}

/** The activities as they are when they are called: a test may exchange one while the worker runs. */
function liveActivities(activities: Activities): Activities {
  return {
    planExtract: (args) => activities.planExtract(args),
    closeEarlierWindows: (args) => activities.closeEarlierWindows(args),
    createJob: (args) => activities.createJob(args),
    enqueueJob: (args) => activities.enqueueJob(args),
    awaitJob: (args) => activities.awaitJob(args),
    transferFile: (args) => activities.transferFile(args),
    abandonWindow: (args) => activities.abandonWindow(args),
    collectGone: (args) => activities.collectGone(args),
    mergeParts: (args) => activities.mergeParts(args),
    abandonMerge: (args) => activities.abandonMerge(args),
    cleanUp: (args) => activities.cleanUp(args),
  };
}

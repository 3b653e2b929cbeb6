import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { Activities } from '../../src/contract/activities.js';
import type { extractLeads } from '../../src/workflows/index.js';

/** The time-skipping server with the workflows under test: days of waiting pass in a moment. */
export class Harness {
  private constructor(
    readonly env: TestWorkflowEnvironment,
    private readonly bundle: WorkflowBundleWithSourceMap,
  ) {}

  static async start(): Promise<Harness> {
    // Windows fail on purpose here: what the workflow logs about it is no news.
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: { logging: { filter: 'ERROR' } },
    });
    const path = process.env['TEMPORAL_TEST_SERVER'];
    if (path === undefined) throw new Error('TEMPORAL_TEST_SERVER must name the time-skipping test server');
    const env = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    });
    const bundle = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
      payloadConverterPath: fileURLToPath(new URL('../../src/workflows/payload-converter.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    });
    return new Harness(env, bundle);
  }

  /** Runs `body` while a worker with these activities serves a queue of its own. */
  async with<R>(activities: Activities, body: (run: TestRun) => Promise<R>): Promise<R> {
    const taskQueue = `test-${randomUUID()}`;
    const worker = await Worker.create({
      connection: this.env.nativeConnection,
      taskQueue,
      workflowBundle: this.bundle,
      activities,
    });
    return worker.runUntil(() => body(new TestRun(this.env, taskQueue)));
  }

  async stop(): Promise<void> {
    await this.env.teardown();
  }
}

/** Starts `extractLeads` on a queue. */
export class TestRun {
  constructor(
    private readonly env: TestWorkflowEnvironment,
    private readonly taskQueue: string,
  ) {}

  start(
    input: unknown = { destination: 's3://bucket/leads.csv' },
    workflowId = `run-${randomUUID()}`,
  ): Promise<WorkflowHandleWithFirstExecutionRunId<typeof extractLeads>> {
    return this.env.client.workflow.start<typeof extractLeads>('extractLeads', {
      taskQueue: this.taskQueue,
      workflowId,
      args: [input as Parameters<typeof extractLeads>[0]],
      // Without a limit, the server's clock may leap ten years ahead once the result has been asked for.
      workflowExecutionTimeout: '60 days',
    });
  }
}

/** The application failure that a workflow ended with. */
export async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
  try {
    await result;
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) return error.cause;
    throw error;
  }
  throw new Error('The workflow did not fail');
}

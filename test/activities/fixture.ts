import { expect, jest } from '@jest/globals';
import { createActivities } from '../../src/activities/index.js';
import type { Activities, PlanRef, WindowArgs } from '../../src/contract/activities.js';
import { windowsOf, type Window } from '../../src/contract/windows.js';
import { outputNames, runNames } from '../../src/parts/output-names.js';
import { writePlan, type PlanRecord } from '../../src/plan/plan-record.js';
import { refusal, ScriptedMarketo, success, type Reply } from '../marketo/helpers/scripted-marketo.js';
import { MemoryS3 } from '../helpers/memory-s3.js';

export const EXPORT_ID = '4f2b9115-c3f2-4e40-a87c-bf803bbfed99';
export const DESTINATION = 's3://bucket/out/leads.csv';
/** As `AttemptEnvironment` names it. */
const WORKFLOW_ID = 'run/window';
/** Names of what lies at the destination and beside it. */
export const OUTPUT = outputNames(DESTINATION);
export const RUN = runNames(OUTPUT, WORKFLOW_ID);
export const MINUTE = 60_000;
export const POLL = { initialMilliseconds: MINUTE, maximumMilliseconds: 4 * MINUTE };

/** Two windows. */
const RANGE = {
  startAt: '2024-01-01T00:00:00Z',
  endAt: '2024-02-10T00:00:00Z',
  windowOverlapSeconds: 0,
  windowDays: 31,
};
export const WINDOWS = windowsOf(RANGE);
export const WINDOW: Window = { startAt: RANGE.startAt, endAt: '2024-01-31T23:59:59Z' };

/** The activities of a worker over a Marketo that answers as a test says, and over S3 in memory. */
export class Fixture {
  private constructor(
    readonly marketo: ScriptedMarketo,
    readonly s3: MemoryS3,
    readonly activities: Activities,
    readonly instance: string,
  ) {}

  static async start(onDownloadResumed?: () => void): Promise<Fixture> {
    const [marketo, s3] = await Promise.all([ScriptedMarketo.start(), MemoryS3.start()]);
    const client = marketo.client();
    const dependencies = { marketo: client, store: s3.store, ...(onDownloadResumed && { onDownloadResumed }) };
    return new Fixture(marketo, s3, createActivities(dependencies), client.instanceHost);
  }

  /** The plan of the run, pinned. */
  async plan(changes: Partial<PlanRecord> = {}): Promise<PlanRef> {
    const { ref } = await writePlan(
      this.s3.store,
      { bucket: RUN.bucket, key: RUN.plan },
      {
        version: 2,
        workflowId: WORKFLOW_ID,
        instance: this.instance,
        mode: 'full',
        ...RANGE,
        startAtSource: 'startAt',
        fields: ['id', 'email'],
        described: [],
        fieldsNamed: true,
        keepsBase: false,
        quoting: 'rfc4180',
        request: 'request',
        warnings: [],
        plannedAt: new Date().toISOString(),
        ...changes,
      },
    );
    return ref;
  }

  /** What an activity of the first window is told. */
  async windowArgs(): Promise<WindowArgs> {
    return { plan: await this.plan(), window: WINDOW, run: { workflowId: 'run', runId: 'run-run' }, poll: POLL };
  }

  /** Calls to Marketo so far, without those for a token: the last two pieces of their paths. */
  calls(): string[] {
    return this.marketo.requests.map(({ path }) => path.split('/').slice(-2).join('/'));
  }

  async stop(): Promise<void> {
    await Promise.all([this.marketo.stop(), this.s3.stop()]);
  }
}

/** What Marketo says of a job. */
export function job(status: string, more: object = {}): Reply {
  return success([{ exportId: EXPORT_ID, format: 'CSV', status, createdAt: '2024-06-01T00:00:00Z', ...more }]);
}

/** An export file. */
export function file(body: Buffer | string): Reply {
  return { headers: { 'content-type': 'text/csv;charset=UTF-8' }, body };
}

/** Breaks the connection off before any answer. */
export const NO_ANSWER: Reply = (response) => response.destroy();

export const JOB_GONE = refusal('1013', 'Object not found');

/** The intervals of the timers that were set while some work went on. */
export async function intervalsDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const set = jest.spyOn(globalThis, 'setInterval');
  const cleared = jest.spyOn(globalThis, 'clearInterval');
  await work();
  expect(cleared).toHaveBeenCalledWith(set.mock.results[0]?.value as NodeJS.Timeout);
  return set.mock.calls.map(([, milliseconds]) => milliseconds);
}

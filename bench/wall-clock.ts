import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { toolPath } from '../scripts/tools.js';
import type { extractLeads } from '../src/workflows/index.js';
import type { Bench, Benchmark, Cell, Outcome } from './benchmark.js';
import { InstanceModel } from './instance-model.js';
import { windowsFor } from '../test/fixtures/parts.js';

const WORKFLOW_BUNDLE = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
const MINUTE = 60_000;

/** Ten years in windows of 31 days are 118; the oldest instances have a few more. */
const TEN_YEARS = 122;

/** A file of 500 MB, the daily quota, at 4 MB/s. */
const TRANSFER_MILLISECONDS = 2 * MINUTE;

/** How long the jobs of an instance take, in minutes, and whether the gates are for them. */
const INSTANCES = [
  { name: 'jobs of 10 to 30 min', shortest: 10, longest: 30, gated: true },
  { name: 'jobs of 1 to 3 min', shortest: 1, longest: 3, gated: false },
] as const;

/** What the instance itself needs: its two slots never idle, or with one job at a time. */
const CONCURRENCIES = [
  { concurrency: 1, slots: 1, limit: 1.25 },
  { concurrency: 2, slots: 2, limit: undefined },
  { concurrency: 3, slots: 2, limit: 1.1 },
] as const;

/** Simulated time of ten years of windows by the recipe's schedule, against what the instance alone would take. */
export const wallClock: Benchmark = { name: 'wall-clock', run };

async function run({ quick, say, keep }: Bench): Promise<Outcome> {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'ERROR' } },
  });
  const count = quick ? 4 : TEN_YEARS;
  const cells: Cell[][] = [];
  const gates: Outcome['gates'][number][] = [];
  for (const { name, shortest, longest, gated } of INSTANCES) {
    const processing = spread(count, shortest * MINUTE, longest * MINUTE);
    const total = processing.reduce((sum, milliseconds) => sum + milliseconds, 0);
    for (const { concurrency, slots, limit } of CONCURRENCIES) {
      const { milliseconds, statusCalls } = await simulate(count, processing, concurrency, keep);
      const ratio = milliseconds / (total / slots);
      say(
        `${name}, concurrency ${concurrency}: ${(milliseconds / MINUTE / 60).toFixed(1)} h, ${ratio.toFixed(3)} × the bound`,
      );
      cells.push([
        name,
        concurrency,
        milliseconds / MINUTE / 60,
        total / slots / MINUTE / 60,
        ratio,
        statusCalls / count,
      ]);
      if (gated && limit !== undefined) {
        gates.push({ what: `time ÷ bound, concurrency ${concurrency}`, value: ratio, limit, kind: 'at most' });
      }
    }
  }
  return {
    tables: [
      {
        title: `Simulated hours of a run of ${count} windows, polled after 1, 2, 4, 4 … min`,
        columns: ['instance', 'concurrency', 'hours', 'bound, hours', 'time ÷ bound', 'status calls per window'],
        rows: cells,
      },
    ],
    gates,
    notes: [
      'The bound is Σ processing at concurrency 1, and Σ processing ÷ 2 above: an instance runs two jobs at once.',
      `The real workflows on the time-skipping test server; the instance is a model with two slots whose status is renewed once a minute, and a file takes ${TRANSFER_MILLISECONDS / MINUTE} min to S3.`,
    ],
  };
}

async function simulate(
  count: number,
  processing: readonly number[],
  concurrency: number,
  keep: Bench['keep'],
): Promise<{ readonly milliseconds: number; readonly statusCalls: number }> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: toolPath('temporal-test-server') } },
  });
  const { stop } = await keep(Promise.resolve({ stop: once(() => env.teardown()) }));
  const { startAt, endAt } = windowsFor(count);
  const model = new InstanceModel({
    startAt,
    endAt,
    processing,
    transferMilliseconds: TRANSFER_MILLISECONDS,
    now: () => env.currentTimeMs(),
  });
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: 'bench',
    workflowBundle: { codePath: WORKFLOW_BUNDLE },
    activities: { ...model.activities() },
  });
  try {
    return await worker.runUntil(async () => {
      const handle = await env.client.workflow.start<typeof extractLeads>('extractLeads', {
        taskQueue: 'bench',
        workflowId: 'bench',
        args: [{ destination: 's3://bench/out.csv', startAt, endAt, concurrency }],
      });
      const { windows } = await handle.result();
      if (windows !== count) throw new Error(`${windows} windows were exported`);
      const { startTime, closeTime } = await handle.describe();
      return {
        milliseconds: (closeTime?.getTime() ?? NaN) - startTime.getTime(),
        statusCalls: model.statusCalls,
      };
    });
  } finally {
    await stop();
  }
}

/** Durations between two bounds, evenly spread and in an order without a pattern, the same each time. */
function spread(count: number, shortest: number, longest: number): number[] {
  const golden = (Math.sqrt(5) - 1) / 2;
  return Array.from({ length: count }, (_, job) => shortest + ((job * golden) % 1) * (longest - shortest));
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

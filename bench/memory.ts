import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../scripts/servers/index.js';
import { pauseSignal } from '../src/contract/messages.js';
import { outputNames, runNames } from '../src/parts/output-names.js';
import { findPlan } from '../src/plan/plan-record.js';
import { deleteObjects, listKeys } from '../src/storage/objects.js';
import type { Bench, Benchmark, Cell, Outcome } from './benchmark.js';
import { indexFiles, prepareFile, type PreparedFile } from './files.js';
import { startInstance } from './instance/start.js';
import { commitAll, preparePart, windowsFor } from '../test/fixtures/parts.js';
import { processMemory } from './process-memory.js';
import { Rows } from '../test/fixtures/rows.js';
import { startCountedS3 } from './s3.js';
import { startService } from './service.js';

const MEBIBYTE = 1024 * 1024;
const MOST_ABOVE_IDLE = 64;
const MOST_IN_ALL = 320;

/** Ids of the merge are so far apart: one in four of their range. */
const STEP = 4;
const REPEATED = 50;

/** Time for a worker that has just started to come to rest. */
const SETTLE_MILLISECONDS = 3000;

/** Most memory of a worker process, fresh for each case, by the operating system's account. */
export const memory: Benchmark = { name: 'memory', run };

interface Peak {
  readonly idle: number;
  readonly peak: number;
  readonly seconds: number;
}

async function run(bench: Bench): Promise<Outcome> {
  const { quick, say, scratch } = bench;
  const sizes = quick ? [1, 2] : [1, 20, 200, 2000];
  const parts = quick ? 5 : 200;
  const ids = quick ? 10_000 : 50_000_000;

  const rows = new Rows();
  const files: PreparedFile[] = [];
  for (const size of sizes) {
    files.push(await prepareFile(join(scratch, `${files.length}.csv`), rows, rows.recordsIn(size * 1e6)));
  }
  await indexFiles(scratch, files);
  const instance = await bench.keep(startInstance(scratch));
  const { server: s3, store } = await startCountedS3(bench);
  const service = await startService(bench, { ...s3.env, ...instance.env });
  const clean = async (): Promise<void> => {
    const keys: string[] = [];
    for await (const key of listKeys(store, s3.bucket, '')) keys.push(key);
    await deleteObjects(store, s3.bucket, keys);
  };
  const ofWorker = async (work: (worker: Server) => Promise<unknown>): Promise<Peak> => {
    const worker = await service.startWorker();
    await sleep(SETTLE_MILLISECONDS);
    const idle = (await processMemory(worker.pid)).residentBytes / MEBIBYTE;
    const start = performance.now();
    await work(worker);
    const { peakBytes } = await processMemory(worker.pid);
    const peak = { idle, peak: peakBytes / MEBIBYTE, seconds: (performance.now() - start) / 1000 };
    await worker.stop();
    say(`idle ${idle.toFixed(0)} MiB, peak ${peak.peak.toFixed(0)} MiB, ${peak.seconds.toFixed(1)} s`);
    return peak;
  };

  const cells: Cell[][] = [];
  const peaks: Peak[] = [];
  for (const size of sizes) {
    say(`a file of ${size} MB`);
    const peak = await ofWorker(async () => {
      const handle = await service.start({
        destination: `s3://${s3.bucket}/out.csv`,
        startAt: '2024-01-01T00:00:00Z',
        endAt: '2024-01-31T23:59:59Z',
      });
      await handle.result();
    });
    await clean();
    peaks.push(peak);
    cells.push([`one file of ${size} MB`, peak.idle, peak.peak, peak.peak - peak.idle]);
  }

  const merged = await mergeOf(parts, Math.round(ids / parts));
  cells.push([
    `merge of ${parts} parts, ${(ids / 1e6).toLocaleString('en-US')} million ids`,
    merged.idle,
    merged.peak,
    merged.peak - merged.idle,
  ]);
  const largest = peaks.at(-1) ?? merged;
  const compared = peaks.at(-2) ?? merged;
  return {
    tables: [
      {
        title: 'Resident memory of a worker, MiB',
        columns: ['what it did', 'idle', 'peak', 'above idle'],
        rows: cells,
      },
    ],
    gates: [
      {
        what: 'MiB above idle, largest file',
        value: largest.peak - largest.idle,
        limit: MOST_ABOVE_IDLE,
        kind: 'at most',
      },
      { what: 'MiB in all, largest file', value: largest.peak, limit: MOST_IN_ALL, kind: 'at most' },
      {
        what: `peak of ${sizes.at(-1) ?? 0} MB ÷ peak of ${sizes.at(-2) ?? 0} MB`,
        value: largest.peak / compared.peak,
        limit: 1.1,
        kind: 'at most',
      },
      { what: 'MiB above idle, merge', value: merged.peak - merged.idle, limit: MOST_ABOVE_IDLE, kind: 'at most' },
      { what: 'MiB in all, merge', value: merged.peak, limit: MOST_IN_ALL, kind: 'at most' },
    ],
    notes: ['VmRSS before and VmHWM after, from /proc/<pid>/status, of a worker process that did nothing else.'],
  };

  /**
   * A run whose windows are all taken over, so that the worker only merges: it is planned and paused, gets its parts, and is
   * started again.
   */
  async function mergeOf(count: number, recordsEach: number): Promise<Peak> {
    say(`a merge of ${count} parts with ${recordsEach} ids each`);
    const destination = `s3://${s3.bucket}/merged.csv`;
    const workflowId = 'merge';
    const { startAt, endAt, windows } = windowsFor(count);
    const input = { destination, startAt, endAt };
    const run = runNames(outputNames(destination), workflowId);
    const planner = await service.startWorker();
    const paused = await service.start(input, workflowId);
    await paused.signal(pauseSignal);
    let plan = await findPlan(store, { bucket: run.bucket, key: run.plan });
    while (!plan) {
      await sleep(200);
      plan = await findPlan(store, { bucket: run.bucket, key: run.plan });
    }
    await paused.cancel();
    await paused.result().catch(() => undefined);
    await planner.stop();

    const narrow = new Rows({ fields: ['createdAt'] });
    const records = [];
    for (const [index, window] of windows.entries()) {
      // Each part begins with the last ids of the one before.
      const first = index * (recordsEach - REPEATED) * STEP;
      records.push(
        await preparePart(store, run, plan.record, window, narrow, { records: recordsEach, first, step: STEP }),
      );
    }
    await commitAll(store, run, windows, records);
    return ofWorker(async () => {
      const { duplicates } = await (await service.start(input, workflowId)).result();
      if (duplicates !== REPEATED * (count - 1)) throw new Error(`${duplicates} rows were left out`);
    });
  }
}

import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { FIELDS } from '../simulator/leads/fields.js';
import { ROOT } from '../scripts/root.js';
import { columnsOf } from '../src/contract/columns.js';
import { parquetColumns } from '../src/merge/formats/parquet/columns.js';
import { requestFor } from '../src/merge/formats/parquet/sql.js';
import { makeOutput } from '../src/merge/make-output.js';
import { readStaged } from '../src/merge/staged.js';
import { outputNames, runNames } from '../src/parts/output-names.js';
import { writeJson } from '../src/storage/json-record.js';
import type { ObjectStore } from '../src/storage/object-store.js';
import { deleteObjects, listKeys } from '../src/storage/objects.js';
import { PLAIN_MERGE } from '../test/fixtures/merge.js';
import { commitAll, preparePart, windowsFor } from '../test/fixtures/parts.js';
import { pin, planOf } from '../test/fixtures/plan.js';
import { Rows } from '../test/fixtures/rows.js';
import type { Bench, Benchmark, Cell, Gate, Outcome, Table } from './benchmark.js';
import { indexFiles, prepareFile, type PreparedFile } from './files.js';
import { startInstance } from './instance/start.js';
import { interleave, median, medianRatio, runsOf, seconds } from './measure.js';
import { peakOfConverter, processMemory } from './process-memory.js';
import { startCountedS3 } from './s3.js';
import { startService } from './service.js';

const MEBIBYTE = 1024 * 1024;
const SERVICE = 'service: compose, convert, read back, publish';
const CONVERT = 'of it, once the CSV is composed';
const ALONE = 'DuckDB alone, disk to disk';
const WORKFLOW_ID = 'bench';
const MOST_OF_CHILD = 320;
/** What two workers that do the same differ by: those of the CSV alone differ by a tenth from run to run. */
const TOLERANCE = 1.15;
const SETTLE_MILLISECONDS = 3000;

/** The last step of a Parquet output against DuckDB by itself, and the memory of worker and converter. */
export const parquet: Benchmark = { name: 'parquet', run };

async function run(bench: Bench): Promise<Outcome> {
  const time = await timing(bench);
  const memory = await peaks(bench);
  return {
    tables: [time.table, memory.table],
    gates: [time.gate, ...memory.gates],
    notes: [
      'DuckDB alone runs the same statements with the same settings in a process of its own, from a file to a file.',
      'Composing the CSV is S3’s own copying: SeaweedFS copies by reading and writing, on the same two cores.',
      'The service reads the CSV from S3 and writes to S3, on the same two cores, and reads footer and ids back.',
      'Memory is VmHWM of /proc/<pid>/status: of a worker that did nothing else, and of the process that it converts in.',
    ],
  };
}

async function timing(bench: Bench): Promise<{ readonly table: Table; readonly gate: Gate }> {
  const { quick, scratch, say } = bench;
  const bytes = quick ? 6e6 : 200e6;
  const rows = new Rows();
  const records = rows.recordsIn(bytes);
  const names = rows.header.toString().trim().split(',');
  const { server, store } = await startCountedS3(bench);
  const destination = `s3://${server.bucket}/out.parquet`;
  const output = outputNames(destination);
  const ofRun = runNames(output, WORKFLOW_ID);
  const { startAt, endAt, windows } = windowsFor(1);
  const [window] = windows;
  if (!window) throw new Error('There is no window');
  const described = FIELDS.map(({ name, dataType }) => ({ name, dataType }));
  const plan = { ...planOf(WORKFLOW_ID, startAt, endAt), fields: names, described };
  const ids = { records, first: 0, step: 1 };
  const record = await preparePart(store, ofRun, plan, window, rows, ids);
  const file = await prepareFile(join(scratch, 'clean.csv'), rows, records);
  const made = join(scratch, 'alone.parquet');
  const request = join(scratch, 'request.json');
  const ofFiles = JSON.stringify(
    requestFor({
      ...parquetColumns(columnsOf(names, described)),
      lineEnd: '\n',
      bytes: file.bytes,
      rows: records,
      metadata: { 'marketo.fields': '[]' },
    }),
  );
  await writeFile(request, ofFiles.replaceAll('/dev/stdin', file.path).replaceAll('/dev/stdout', made));
  /** Makes the output anew, of the part alone or of what is kept beside it. */
  const make = async (kept: readonly (string | undefined)[]): Promise<number> => {
    const { bucket } = server;
    const inputs = [record.part?.key, record.part?.idsKey, ...kept];
    await deleteObjects(
      store,
      bucket,
      (await keysOf(store, bucket)).filter((key) => !inputs.includes(key)),
    );
    await commitAll(store, ofRun, windows, [record]);
    const ref = await pin(store, ofRun, plan);
    return seconds(() =>
      makeOutput({
        store,
        output,
        run: ofRun,
        plan: ref,
        destination,
        ...PLAIN_MERGE,
        workflowId: WORKFLOW_ID,
        runId: '',
        signal: new AbortController().signal,
        onWarning: say,
      }),
    );
  };
  const contenders = [
    { name: SERVICE, run: () => make([]) },
    {
      name: CONVERT,
      run: async () => {
        // What the run before has composed is kept, what it has converted is not.
        const { csv } = await readStaged(store, ofRun);
        await writeJson(store, { bucket: server.bucket, key: ofRun.staged }, { csv });
        return make([ofRun.staged, csv?.key]);
      },
    },
    {
      name: ALONE,
      run: async () => {
        await rm(made, { force: true });
        return seconds(() => promisify(execFile)(process.execPath, [join(ROOT, 'lib/bench/duckdb-alone.js'), request]));
      },
    },
  ];
  const runs = quick ? 1 : 5;
  const results = await interleave(contenders, runs, say);
  await rm(made);
  const [ours, converted, alone] = [SERVICE, CONVERT, ALONE].map((name) => runsOf(results, name));
  if (!ours || !converted || !alone) throw new Error('Nothing was measured');
  const row = (name: string, times: readonly number[]): Cell[] => [
    name,
    median(times),
    file.bytes / 1e6 / median(times),
  ];
  return {
    table: {
      title: `${(file.bytes / 1e6).toFixed(0)} MB of CSV to Parquet, ${names.length} columns (median of ${runs})`,
      columns: ['contender', 'seconds', 'MB/s'],
      rows: [row(SERVICE, ours), row(CONVERT, converted), row(ALONE, alone)],
    },
    gate: { what: 'converting ÷ DuckDB alone', value: medianRatio(converted, alone), limit: 1.3, kind: 'at most' },
  };
}

async function peaks(bench: Bench): Promise<{ readonly table: Table; readonly gates: readonly Gate[] }> {
  const { quick, scratch, say } = bench;
  const sizes = quick ? [1, 2] : [200, 2000];
  const rows = new Rows();
  const { server: s3, store } = await startCountedS3(bench);
  const cells: Cell[][] = [];
  const found: { readonly worker: number; readonly csvWorker: number; readonly child: number }[] = [];
  for (const size of sizes) {
    const file = await prepareFile(join(scratch, `${size}.csv`), rows, rows.recordsIn(size * 1e6));
    const csvWorker = await peakOf(file, 'csv');
    const { worker, child } = await peakOf(file, 'parquet');
    await rm(file.path);
    found.push({ worker, csvWorker: csvWorker.worker, child });
    cells.push([`${size} MB`, csvWorker.worker, worker, child]);
  }
  const [small, large] = [found[0], found.at(-1)];
  if (!small || !large) throw new Error('Nothing was measured');
  return {
    table: {
      title: 'Most resident memory, MiB',
      columns: ['CSV of', 'worker, CSV output', 'worker, Parquet output', 'converter'],
      rows: cells,
    },
    gates: [
      {
        what: 'MiB of the converter',
        value: Math.max(small.child, large.child),
        limit: MOST_OF_CHILD,
        kind: 'at most',
      },
      { what: 'converter, larger file ÷ smaller', value: large.child / small.child, limit: 1.1, kind: 'at most' },
      { what: 'worker, Parquet ÷ CSV', value: large.worker / large.csvWorker, limit: TOLERANCE, kind: 'at most' },
      { what: 'worker, larger file ÷ smaller', value: large.worker / small.worker, limit: 1.1, kind: 'at most' },
    ],
  };

  /** MiB of a fresh worker, and of its converter, that export a file. */
  async function peakOf(file: PreparedFile, format: 'csv' | 'parquet'): Promise<{ worker: number; child: number }> {
    await indexFiles(scratch, [file]);
    const instance = await bench.keep(startInstance(scratch));
    const service = await startService(bench, { ...s3.env, ...instance.env });
    const worker = await service.startWorker();
    await sleep(SETTLE_MILLISECONDS);
    const done = new AbortController();
    const watching = peakOfConverter(worker.pid, done.signal);
    try {
      const handle = await service.start({
        destination: `s3://${s3.bucket}/out.${format}`,
        startAt: '2024-01-01T00:00:00Z',
        endAt: '2024-01-31T23:59:59Z',
      });
      await handle.result();
    } finally {
      done.abort();
    }
    const child = (await watching) / MEBIBYTE;
    const peak = (await processMemory(worker.pid)).peakBytes / MEBIBYTE;
    await Promise.all([worker.stop(), instance.stop()]);
    await deleteObjects(store, s3.bucket, await keysOf(store, s3.bucket));
    say(
      `${(file.bytes / 1e6).toFixed(0)} MB as ${format}: worker ${peak.toFixed(0)} MiB, converter ${child.toFixed(0)} MiB`,
    );
    return { worker: peak, child };
  }
}

async function keysOf(store: ObjectStore, bucket: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of listKeys(store, bucket, '')) keys.push(key);
  return keys;
}

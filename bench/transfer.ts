import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import got from 'got';
import type { Window } from '../src/contract/windows.js';
import { createMarketoClient } from '../src/marketo/client.js';
import { commitPart, type CommitContext } from '../src/parts/commit-part.js';
import { outputNames, runNames } from '../src/parts/output-names.js';
import { completeUpload, createUpload } from '../src/storage/multipart-upload.js';
import { deleteObjects, listKeys } from '../src/storage/objects.js';
import type { ObjectStore } from '../src/storage/object-store.js';
import { uploadPartBytesFor, UploadWriter } from '../src/storage/upload-writer.js';
import type { Bench, Benchmark, Outcome, Table } from './benchmark.js';
import { indexFiles, prepareFile, type PreparedFile } from './files.js';
import { startInstance, type Instance } from './instance/start.js';
import { interleave, median, medianRatio, runsOf, seconds } from './measure.js';
import { planOf } from '../test/fixtures/plan.js';
import { Rows } from '../test/fixtures/rows.js';
import { requestsOf, startCountedS3, type Traffic } from './s3.js';
import { stepsTable } from './steps.js';

const WINDOW: Window = { startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-31T23:59:59Z' };

/** From `file.json` to a verified part in S3: against the bare upload, and against a pipeline through csv-parse. */
export const transfer: Benchmark = { name: 'transfer', run };

async function run(bench: Bench): Promise<Outcome> {
  const { quick, say, scratch } = bench;
  const rows = new Rows();
  const sizes = quick ? [1e6, 2e6] : [128e6, 1e6, 1e9];
  const files: PreparedFile[] = [];
  for (const bytes of sizes) {
    files.push(await prepareFile(join(scratch, `${files.length}.csv`), rows, rows.recordsIn(bytes)));
  }
  await indexFiles(scratch, files);
  const instance = await bench.keep(startInstance(scratch));
  const { server, store, traffic } = await startCountedS3(bench);
  const [main] = files;
  if (!main) throw new Error('There is no file');

  const clean = async (): Promise<void> => {
    const keys: string[] = [];
    for await (const key of listKeys(store, server.bucket, '')) keys.push(key);
    await deleteObjects(store, server.bucket, keys);
  };
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const time = await seconds(work);
    await clean();
    return time;
  };
  const contenders = [
    { name: 'service', run: () => timed(() => commit(store, instance, server.bucket, main, 0)) },
    { name: 'raw', run: () => timed(() => raw(store, instance, server.bucket, main)) },
    { name: 'csv-parse', run: () => timed(() => parsed(store, instance, server.bucket, main)) },
  ];
  const runs = quick ? 1 : 7;
  const results = await interleave(contenders, runs, say);
  const [ours, bare, theirs] = [runsOf(results, 'service'), runsOf(results, 'raw'), runsOf(results, 'csv-parse')];
  const speed = (of: readonly number[]): number => main.bytes / 1e6 / median(of);

  const counted: Table['rows'][number][] = [];
  for (const [index, file] of files.entries()) {
    const before = copyOf(traffic);
    await commit(store, instance, server.bucket, file, index);
    counted.push([file.bytes / 1e6, requestsOf(traffic) - requestsOf(before), describe(before, traffic)]);
    await clean();
  }
  counted.sort(([a], [b]) => Number(a) - Number(b));
  return {
    tables: [
      {
        title: 'A file to S3, MB/s (median)',
        columns: ['contender', 'MB/s', 'service ÷ contender'],
        rows: [
          ['service: SHA-256, CRC-32, records, ids', speed(ours), 1],
          ['raw: got → S3, nothing looked at', speed(bare), medianRatio(bare, ours)],
          ['csv-parse pipeline: SHA-256, records, ids', speed(theirs), medianRatio(theirs, ours)],
        ],
      },
      { title: 'S3 requests of a transfer', columns: ['MB', 'requests', 'which'], rows: counted },
      await stepsTable(main, quick ? 1 : 5),
    ],
    gates: [
      { what: 'transfer ÷ raw upload', value: medianRatio(bare, ours), limit: 0.75, kind: 'at least' },
      { what: 'transfer ÷ csv-parse pipeline', value: medianRatio(theirs, ours), limit: 3, kind: 'at least' },
    ],
    notes: [
      `${runs} interleaved runs of a file of ${(main.bytes / 1e6).toFixed(0)} MB from a process of its own to SeaweedFS, all three on this machine: the servers' work counts too.`,
    ],
  };
}

/** What the service does: the file, its id set and its commit record. */
async function commit(
  store: ObjectStore,
  { url }: Instance,
  bucket: string,
  file: PreparedFile,
  number: number,
): Promise<void> {
  const ignore = (): void => undefined;
  const context: CommitContext = {
    marketo: createMarketoClient({ endpoint: url, clientId: 'bench', clientSecret: 'bench' }),
    store,
    run: runNames(outputNames(`s3://${bucket}/out.csv`), 'bench'),
    plan: planOf('bench', WINDOW.startAt, WINDOW.endAt),
    window: WINDOW,
    job: { exportId: `file-${number}`, records: file.records, bytes: file.bytes, sha256: file.sha256 },
    signal: new AbortController().signal,
    uploadId: undefined,
    onProgress: ignore,
    onResume: ignore,
    onWarning: ignore,
  };
  const { outcome } = await commitPart(context);
  if (outcome !== 'verified') throw new Error('The file was not verified');
}

/** The same bytes through the same upload, and nothing else. */
async function raw(store: ObjectStore, { url }: Instance, bucket: string, file: PreparedFile): Promise<void> {
  await upload(store, bucket, file, got.stream(`${url}/bulk/v1/leads/export/file-0/file.json`));
}

/** What a careful program does with csv-parse: checksum, rows with their number of columns, ids. */
async function parsed(store: ObjectStore, { url }: Instance, bucket: string, file: PreparedFile): Promise<void> {
  const hash = createHash('sha256');
  const ids = new Set<number>();
  let records = 0;
  const parser = parse({
    from_line: 2,
    on_record: ([id]: string[]) => {
      ids.add(Number(id));
      records++;
      return null;
    },
  });
  const done = new Promise<void>((resolve, reject) => {
    parser.on('end', resolve).on('error', reject).resume();
  });
  await upload(store, bucket, file, check());
  parser.end();
  await done;
  if (hash.digest('hex') !== file.sha256 || records !== file.records || ids.size !== records) {
    throw new Error('csv-parse found something else than there is');
  }

  async function* check(): AsyncGenerator<Buffer> {
    for await (const chunk of got.stream(`${url}/bulk/v1/leads/export/file-0/file.json`) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (!parser.write(chunk)) await new Promise((resolve) => parser.once('drain', resolve));
      yield chunk;
    }
  }
}

async function upload(
  store: ObjectStore,
  bucket: string,
  file: PreparedFile,
  source: AsyncIterable<Buffer>,
): Promise<void> {
  const target = await createUpload(store, { bucket, key: 'out.csv' }, { contentType: 'text/csv' });
  const { signal } = new AbortController();
  const writer = new UploadWriter({
    store,
    upload: target,
    uploadPartBytes: uploadPartBytesFor(file.bytes),
    uploaded: [],
    signal,
  });
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    await writer.write(chunk);
  }
  await completeUpload(store, target, await writer.finish());
  const { size } = await stat(file.path);
  if (bytes !== size) throw new Error(`${bytes} bytes came where there are ${size}`);
}

function copyOf(traffic: Traffic): Traffic {
  return { ...traffic, requests: { ...traffic.requests } };
}

function describe(before: Traffic, after: Traffic): string {
  return Object.entries(after.requests)
    .map(([command, count]) => ({ command, count: count - (before.requests[command] ?? 0) }))
    .filter(({ count }) => count > 0)
    .map(({ command, count }) => `${count} ${command}`)
    .join(', ');
}

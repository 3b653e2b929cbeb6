import { createHash } from 'node:crypto';
import { makeOutput } from '../src/merge/make-output.js';
import type { CommitRecord } from '../src/parts/commit-record.js';
import { outputNames, runNames } from '../src/parts/output-names.js';
import { completeUpload, uploadPartCopy, createUpload, type UploadedPart } from '../src/storage/multipart-upload.js';
import { deleteObjects, getObjectStream } from '../src/storage/objects.js';
import type { ObjectStore } from '../src/storage/object-store.js';
import pLimit from 'p-limit';
import type { Bench, Benchmark, Outcome } from './benchmark.js';
import { mending } from './mend.js';
import { interleave, median, medianRatio, runsOf, seconds } from './measure.js';
import { naiveMerge } from '../test/fixtures/naive-merge.js';
import { commitAll, preparePart, windowsFor } from '../test/fixtures/parts.js';
import { pin, planOf } from '../test/fixtures/plan.js';
import { Rows } from '../test/fixtures/rows.js';
import { requestsOf, startCountedS3 } from './s3.js';
import { PLAIN_MERGE } from '../test/fixtures/merge.js';

const SERVICE = 'service';
const BARE = 'bare UploadPartCopy';
const NAIVE = 'naive: read, parse, write';

const WORKFLOW_ID = 'bench';
/** Rows at the end of one part that come again at the start of the next one. */
const REPEATED = 50;
/** As many copies at once as the service makes. */
const IN_PARALLEL = 4;

/** Parts to one published object: against the bare copies, and against reading, parsing and writing it all. */
export const merge: Benchmark = { name: 'merge', run };

async function run(bench: Bench): Promise<Outcome> {
  const { quick, say } = bench;
  const parts = quick ? 3 : 20;
  const partBytes = quick ? 6e6 : 50e6;
  const rows = new Rows();
  const recordsEach = rows.recordsIn(partBytes);
  const { server, store, traffic } = await startCountedS3(bench);
  const { bucket } = server;
  const destination = `s3://${bucket}/out.csv`;
  const output = outputNames(destination);
  const names = runNames(output, WORKFLOW_ID);
  const { startAt, endAt, windows } = windowsFor(parts);
  const plan = planOf(WORKFLOW_ID, startAt, endAt);
  const [firstWindow] = windows;
  if (!firstWindow) throw new Error('There is no window');
  const records: CommitRecord[] = [];
  for (const [index, window] of windows.entries()) {
    // The second part begins with the last rows of the first.
    const first = index * recordsEach - (index > 0 ? REPEATED : 0);
    records.push(await preparePart(store, names, plan, window, rows, { records: recordsEach, first, step: 1 }));
  }
  const keys = records.flatMap(({ part }) => part ?? []);
  const totalBytes = keys.reduce((sum, { bytes }) => sum + bytes, 0);
  say(`${parts} parts, ${(totalBytes / 1e6).toFixed(0)} MB`);

  let readShare = 0;
  const requests: Record<string, number> = {};
  /** Seconds that something takes; its requests to S3 are noted under the name. */
  const counted = async (name: string, work: () => Promise<unknown>): Promise<number> => {
    const before = requestsOf(traffic);
    const time = await seconds(work);
    requests[name] = requestsOf(traffic) - before;
    return time;
  };
  const contenders = [
    {
      name: SERVICE,
      run: async () => {
        await deleteObjects(store, bucket, ['out.csv']);
        await commitAll(store, names, windows, records);
        const ref = await pin(store, names, plan);
        const before = traffic.bytesRead;
        const time = await counted(SERVICE, () =>
          makeOutput({
            store,
            output,
            run: names,
            plan: ref,
            destination,
            ...PLAIN_MERGE,
            workflowId: WORKFLOW_ID,
            runId: '',
            signal: new AbortController().signal,
            onWarning: say,
          }),
        );
        readShare = (traffic.bytesRead - before) / totalBytes;
        return time;
      },
    },
    { name: BARE, run: () => counted(BARE, () => bareCopy(store, bucket, records)) },
    { name: NAIVE, run: () => counted(NAIVE, () => naiveMerge(store, bucket, keys, 'naive.csv')) },
  ];
  const runs = quick ? 1 : 5;
  const results = await interleave(contenders, runs, say);
  const [ours, bare, naive] = [runsOf(results, SERVICE), runsOf(results, BARE), runsOf(results, NAIVE)];
  if ((await sha256Of(store, bucket, 'out.csv')) !== (await sha256Of(store, bucket, 'naive.csv'))) {
    throw new Error('The merge and the naive merge differ');
  }
  const part = { bytes: quick ? 6e6 : 128e6, runs, say };
  const mended = await mending({ store, run: names, signal: new AbortController().signal }, plan, firstWindow, part);
  const row = (name: string, times: readonly number[], read: number): (string | number)[] => [
    name,
    median(times),
    totalBytes / 1e6 / median(times),
    medianRatio(times, ours),
    read * 100,
    requests[name] ?? NaN,
  ];
  return {
    tables: [
      {
        title: `Merge of ${parts} parts of ${(partBytes / 1e6).toFixed(0)} MB, one pair sharing ${REPEATED} ids (median)`,
        columns: ['contender', 'seconds', 'MB/s', '× service', '% of bytes read', 'S3 requests'],
        rows: [row(SERVICE, ours, readShare), row(BARE, bare, 0), row(NAIVE, naive, 1)],
      },
      mended.table,
    ],
    gates: [
      {
        what: '% of the bytes that the worker reads, id sets included',
        value: readShare * 100,
        limit: 10,
        kind: 'at most',
      },
      { what: 'merge ÷ bare copy', value: medianRatio(ours, bare), limit: 1.5, kind: 'at most' },
      { what: 'naive merge ÷ merge', value: medianRatio(naive, ours), limit: 10, kind: 'at least' },
      mended.gate,
    ],
    notes: [
      `${runs} interleaved runs; the outputs of the service and of the naive merge have the same SHA-256.`,
      'SeaweedFS, which here copies by reading and writing on the same cores, was kept from compressing what looks like text.',
    ],
  };
}

/** The least that S3 can be asked to do for an object of these parts: copy each, complete. */
async function bareCopy(store: ObjectStore, bucket: string, records: readonly CommitRecord[]): Promise<void> {
  await deleteObjects(store, bucket, ['bare.csv']);
  const upload = await createUpload(store, { bucket, key: 'bare.csv' });
  const limit = pLimit(IN_PARALLEL);
  const copied: UploadedPart[] = await Promise.all(
    records.map(({ part }, index) =>
      limit(() => {
        if (!part) throw new Error('There is a window without a part');
        const start = index === 0 ? 0 : part.bodyStart;
        return uploadPartCopy(store, upload, index + 1, { key: part.key, etag: part.etag, start, end: part.bytes });
      }),
    ),
  );
  await completeUpload(store, upload, copied);
}

async function sha256Of(store: ObjectStore, bucket: string, key: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of await getObjectStream(store, { bucket, key })) hash.update(chunk);
  return hash.digest('hex');
}

import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../src/contract/result.js';
import { IdSet } from '../../src/csv/id-set.js';
import { checkConverter } from '../../src/merge/formats/parquet/check-converter.js';
import { ConverterError } from '../../src/merge/formats/parquet/converter.js';
import { makeOutput } from '../../src/merge/make-output.js';
import type { MergeContext } from '../../src/merge/merge-context.js';
import { readCommit, writeCommit } from '../../src/parts/commit-record.js';
import { clearRun } from '../../src/parts/clear-run.js';
import { isPart, outputNames } from '../../src/parts/output-names.js';
import { headObject, putBytes } from '../../src/storage/objects.js';
import { describeS3Error } from '../../src/storage/s3-errors.js';
import { sha256 } from '../../src/bytes/sha256.js';
import { convertersOf, readParquet } from '../helpers/parquet.js';
import { PLAIN_MERGE } from '../fixtures/merge.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';
import { proxiedStore } from '../helpers/proxied-store.js';
import type { S3Fault } from '../helpers/s3-proxy.js';
import { until } from '../crash/rig.js';
import { csv, Run } from '../parts/run.js';

const DESCRIBED = [
  { name: 'id', dataType: 'integer' },
  { name: 'score', dataType: 'score' },
  { name: 'paid', dataType: 'currency' },
  { name: 'opted', dataType: 'boolean' },
  { name: 'born', dataType: 'date' },
  { name: 'createdAt', dataType: 'datetime', displayName: 'Created At' },
  { name: 'note', dataType: 'text' },
];
const HEADER = DESCRIBED.map(({ name }) => name).join(',');
const DIGITS_300 = '7'.repeat(300);

const FIRST = [
  '1,5.0,12.5,true,2024-02-29,2016-08-03T22:48:05Z,plain',
  '2,null,null,null,null,null,null',
  '3,null,null,null,null,null,"null"',
  '4,,,,,,',
  `5,${DIGITS_300},${DIGITS_300},yes,0000-00-00,2016-08-03 22:48:05,"a ""quote"", a\nline"`,
];
const SECOND = ['2,9,9,1,2024-01-01,2016-08-03T22:48:05Z,again', '4294967299,-17,1.0E7,0,null,null,é'];

/** What of these must lie in the file. */
const ROWS = [
  {
    id: 1n,
    score: 5n,
    paid: 12.5,
    opted: true,
    born: new Date('2024-02-29'),
    createdAt: new Date('2016-08-03T22:48:05Z'),
    note: 'plain',
    _uncast: null,
  },
  { id: 2n, score: null, paid: null, opted: null, born: null, createdAt: null, note: null, _uncast: null },
  { id: 3n, score: null, paid: null, opted: null, born: null, createdAt: null, note: 'null', _uncast: null },
  {
    ...{ id: 4n, score: null, paid: null, opted: null, born: null, createdAt: null, note: '' },
    _uncast: JSON.stringify({ score: '', paid: '', opted: '', born: '', createdAt: '' }),
  },
  {
    ...{ id: 5n, score: null, paid: null, opted: null, born: null, createdAt: null, note: 'a "quote", a\nline' },
    _uncast: JSON.stringify({
      score: DIGITS_300,
      paid: DIGITS_300,
      opted: 'yes',
      born: '0000-00-00',
      createdAt: '2016-08-03 22:48:05',
    }),
  },
  { id: 4294967299n, score: -17n, paid: 1e7, opted: false, born: null, createdAt: null, note: 'é', _uncast: null },
];

const INPUT = /staged\/.*\.csv$/;
const MADE = /staged\/.*\.parquet$/;

let run: Run;

beforeEach(async () => {
  run = await Run.start('out/leads.parquet', { fields: DESCRIBED.map(({ name }) => name), described: DESCRIBED });
});
afterEach(() => run.stop());

async function commitBoth(): Promise<void> {
  await run.commitAll(csv(FIRST, { header: HEADER }), undefined, csv(SECOND, { header: HEADER }));
}

function merge(options: Partial<MergeContext> = {}): ReturnType<typeof makeOutput> {
  return makeOutput(run.mergeContext({ contentType: 'application/vnd.apache.parquet', ...options }));
}

async function manifest(): Promise<Manifest> {
  return JSON.parse((await run.read(outputNames(run.destination).manifest.key)).toString()) as Manifest;
}

async function staged(): Promise<string[]> {
  return (await run.keys(run.names.stagedPrefix)).map((key) => key.slice(key.lastIndexOf('.')));
}

async function expectRight(): Promise<void> {
  const { rows } = await readParquet(await run.read('out/leads.parquet'));
  expect(rows).toEqual(ROWS);
}

/** The pids of a shell, and of what it runs, in the order that it does: cat, the converter, cat. */
async function allConverters(): Promise<number[]> {
  let pids: number[] = [];
  await until(async () => (pids = await convertersOf(process.pid)).length === 4);
  return pids;
}

async function expectNothingPublished(): Promise<void> {
  expect(await headObject(run.store, { bucket: run.bucket, key: 'out/leads.parquet' })).toBeNull();
  expect(await run.openUploads()).toEqual([]);
  expect(await convertersOf(process.pid)).toEqual([]);
}

describe('an output of Parquet', () => {
  it('has every value as its type says, or beside it as text', async () => {
    await commitBoth();
    expect(await merge()).toMatchObject({ leads: 6, duplicates: 1 });
    await expectRight();
    const head = await run.client.send(
      new HeadObjectCommand({ Bucket: run.bucket, Key: 'out/leads.parquet', ChecksumMode: 'ENABLED' }),
    );
    expect(head.ContentType).toBe('application/vnd.apache.parquet');
    const account = await manifest();
    expect(account).toMatchObject({
      format: 'parquet',
      fields: DESCRIBED.map(({ name }) => name),
      uncast: { score: 2, paid: 2, opted: 2, born: 2, createdAt: 2 },
      bytes: head.ContentLength,
      crc32: Buffer.from(head.ChecksumCRC32 ?? '', 'base64').toString('hex'),
    });
  });

  it('tells where it is from, and what Marketo says of its fields', async () => {
    await commitBoth();
    await merge();
    const { footer } = await readParquet(await run.read('out/leads.parquet'));
    const told = Object.fromEntries(footer.key_value_metadata?.map(({ key, value }) => [key, value]) ?? []);
    expect(told).toMatchObject({ 'marketo.instance': run.plan.instance, 'marketo.plan': run.ref.sha256 });
    expect(JSON.parse(told['marketo.fields'] ?? '')).toContainEqual({
      column: 'createdAt',
      name: 'createdAt',
      dataType: 'datetime',
      displayName: 'Created At',
    });
  });

  it('is made of files with CRLFs too, and without any leads', async () => {
    await run.commitAll(csv(FIRST.slice(0, 3), { header: HEADER, lineEnd: '\r\n' }));
    await merge();
    const { rows } = await readParquet(await run.read('out/leads.parquet'));
    expect(rows).toEqual(ROWS.slice(0, 3));
    const empty = await Run.start('out/none.parquet');
    try {
      await empty.commitAll();
      expect(await makeOutput(empty.mergeContext())).toMatchObject({ leads: 0 });
      expect((await readParquet(await empty.read('out/none.parquet'))).rows).toEqual([]);
    } finally {
      await empty.stop();
    }
  });

  it('leaves what it was made of to the clean-up, which leaves nothing but the parts that are to be kept', async () => {
    await commitBoth();
    await merge();
    expect((await staged()).sort()).toEqual(['.csv', '.parquet']);
    await clearRun(run.store, run.names, (key) => !isPart(key));
    expect(await run.keys(run.names.prefix)).toHaveLength(2);
    expect(await staged()).toEqual([]);
  });
});

describe('an attempt that starts again', () => {
  it('finds staged what an earlier one made, and neither merges nor converts again', async () => {
    await commitBoth();
    const { proxy, store, close } = await proxiedStore();
    try {
      const complete = { operation: 'CompleteMultipartUpload', key: /^out\/leads\.parquet$/ } as const;
      proxy.inject({ ...complete, effect: { kind: 'error', status: 400, code: 'InvalidRequest' }, times: 1 });
      await expect(merge({ store })).rejects.toThrow();
      const requests = proxy.requests.length;
      // A converter that is not there would fail.
      await merge({ store, converterPath: '/no/such/program.js' });
      const later = proxy.requests.slice(requests).filter(({ key }) => key.includes('/staged/'));
      // What is so small is not copied by S3, but read.
      expect(later.filter(({ operation, key }) => operation !== 'HeadObject' && !MADE.test(key))).toEqual([]);
      expect(new Set(later.map(({ operation }) => operation))).toEqual(new Set(['HeadObject', 'GetObject']));
      await expectRight();
      expect((await manifest()).uncast).toEqual({ score: 2, paid: 2, opted: 2, born: 2, createdAt: 2 });
    } finally {
      await close();
    }
  });

  it('makes anew what was made of something else, or is gone', async () => {
    await commitBoth();
    const { proxy, store, close } = await proxiedStore();
    try {
      const complete = { operation: 'CompleteMultipartUpload', key: /^out\/leads\.parquet$/ } as const;
      proxy.inject({ ...complete, effect: { kind: 'error', status: 400, code: 'InvalidRequest' }, times: 1 });
      await expect(merge({ store })).rejects.toThrow();
      const third = ['7,1,1,1,null,null,late'];
      await run.commit(1, run.server.job(csv(third, { header: HEADER })));
      expect(await merge({ store })).toMatchObject({ leads: 7 });
    } finally {
      await close();
    }
  });
});

describe('a worker that cannot make Parquet', () => {
  it('says so while planning, and what to install', async () => {
    await withTemporaryDirectory(async (directory) => {
      // There is no package anywhere near.
      const path = join(directory, 'child.mjs');
      await copyFile(PLAIN_MERGE.converterPath, path);
      const { signal } = new AbortController();
      await expect(checkConverter(signal, path)).rejects.toMatchObject({
        type: 'InvalidInput',
        message: expect.stringContaining('npm install @duckdb/node-api@'),
      });
      await expect(checkConverter(signal, PLAIN_MERGE.converterPath)).resolves.toBeUndefined();
    });
  });
});

describe('while it is converted', () => {
  /** Merges, with a request of the conversion in the way; what comes of it once something has happened there. */
  async function interrupted(fault: S3Fault, happens: () => Promise<void>): Promise<unknown> {
    const { proxy, store, close } = await proxiedStore();
    try {
      proxy.inject(fault);
      const merged = merge({ store }).then(
        () => undefined,
        (error: unknown) => error,
      );
      await until(() => proxy.struck > 0);
      await happens();
      return await merged;
    } finally {
      await close();
    }
  }

  it('a converter that is killed costs an attempt and nothing else', async () => {
    await commitBoth();
    const error = await interrupted({ operation: 'GetObject', key: INPUT, effect: { kind: 'hold' } }, async () => {
      const [, , node = 0] = await allConverters();
      process.kill(node, 'SIGKILL');
    });
    expect(error).toBeInstanceOf(ConverterError);
    await expectNothingPublished();
    await merge();
    await expectRight();
  });

  it('an outage of S3 costs an attempt and nothing else, on the way in and on the way out', async () => {
    await commitBoth();
    for (const [operation, key] of [
      ['GetObject', INPUT],
      ['UploadPart', MADE],
    ] as const) {
      const effect = { kind: 'error', status: 503, code: 'SlowDown' } as const;
      const error = await interrupted({ operation, key, effect }, () => Promise.resolve());
      expect(describeS3Error(error)).toMatchObject({ code: 'SlowDown', retryable: true });
      await expectNothingPublished();
    }
    await merge();
    await expectRight();
  });

  it('a cancelled run ends the converter', async () => {
    await commitBoth();
    const cancelled = new AbortController();
    const { proxy, store, close } = await proxiedStore();
    try {
      proxy.inject({ operation: 'GetObject', key: INPUT, effect: { kind: 'hold' } });
      const merged = merge({ store, signal: cancelled.signal });
      const refused = expect(merged).rejects.toThrow('cancelled');
      await allConverters();
      cancelled.abort(new Error('cancelled'));
      await refused;
      expect(await convertersOf(process.pid)).toEqual([]);
    } finally {
      await close();
    }
  });
});

describe('a Parquet file that is not what it must be is not published', () => {
  async function expectMismatch(message: string): Promise<void> {
    await expect(merge()).rejects.toMatchObject({
      name: 'RunFailure',
      type: 'MergeMismatch',
      message: expect.stringContaining(message),
    });
    await expectNothingPublished();
  }

  it('nor is one made of rows with other columns than the header', async () => {
    await run.commitAll(csv([...FIRST, '6,1,1'], { header: HEADER }));
    await expect(merge()).rejects.toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('row 7') });
    await expectNothingPublished();
  });

  it('one with other ids than the files', async () => {
    await commitBoth();
    const record = await readCommit(run.store, run.names, run.window(0));
    if (!record?.part) throw new Error('There should be a part');
    const ids = new IdSet();
    for (const id of [1, 2, 3, 4, 6]) ids.add(0, id);
    const bytes = ids.serialize();
    ids.dispose();
    const idsEtag = await putBytes(run.store, { bucket: run.bucket, key: record.part.idsKey }, bytes);
    const part = { ...record.part, idsEtag, idsSha256: sha256(bytes), idsBytes: bytes.length };
    await writeCommit(run.store, run.names, run.window(0), { ...record, part });
    await expectMismatch('are not those of the files');
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { S3Client } from '@aws-sdk/client-s3';
import { naiveMerge } from '../fixtures/naive-merge.js';
import { commitAll, preparePart, windowsFor, type PartIds } from '../fixtures/parts.js';
import { pin, planOf } from '../fixtures/plan.js';
import { Rows } from '../fixtures/rows.js';
import { makeOutput } from '../../src/merge/make-output.js';
import type { CommitRecord } from '../../src/parts/commit-record.js';
import { outputNames, runNames } from '../../src/parts/output-names.js';
import { listKeys } from '../../src/storage/objects.js';
import { createObjectStore, type ObjectStore } from '../../src/storage/object-store.js';
import { newBucket, readObject, s3Client } from '../helpers/s3.js';
import { PLAIN_MERGE } from '../fixtures/merge.js';

let client: S3Client;
let store: ObjectStore;

beforeAll(() => {
  client = s3Client();
  store = createObjectStore({ region: 'us-east-1', forcePathStyle: true });
});
afterAll(() => {
  client.destroy();
  store.client.destroy();
});

/** Merges parts with such ids, and again by csv-parse: both outputs, and the keys that were there in between. */
async function mergeBothWays(
  parts: readonly PartIds[],
): Promise<{ output: Buffer; naive: Buffer; leads: number; duplicates: number; filtered: string[] }> {
  const bucket = await newBucket(client);
  const destination = `s3://${bucket}/out.csv`;
  const output = outputNames(destination);
  const run = runNames(output, 'merge-test');
  const { startAt, endAt, windows } = windowsFor(parts.length);
  const plan = planOf('merge-test', startAt, endAt);
  const rows = new Rows();
  const records: CommitRecord[] = [];
  for (const [index, window] of windows.entries()) {
    const ids = parts[index];
    if (ids) records.push(await preparePart(store, run, plan, window, rows, ids));
  }
  await commitAll(store, run, windows, records);
  const { leads, duplicates } = await makeOutput({
    store,
    output,
    run,
    plan: await pin(store, run, plan),
    destination,
    ...PLAIN_MERGE,
    workflowId: 'merge-test',
    runId: 'run',
    signal: new AbortController().signal,
    onWarning: () => undefined,
  });
  const keys: string[] = [];
  for await (const key of listKeys(store, bucket, run.prefix)) keys.push(key);
  const sources = records.flatMap(({ part }) => part ?? []);
  await naiveMerge(store, bucket, sources, 'naive.csv');
  return {
    output: await readObject(client, bucket, 'out.csv'),
    naive: await readObject(client, bucket, 'naive.csv'),
    leads,
    duplicates,
    filtered: keys.filter((key) => key.endsWith('.rows.csv')).map((key) => key.slice(run.prefix.length)),
  };
}

const ROWS = 3000;

describe('mergeParts', () => {
  it('leaves parts that share ids at their edges where they are', async () => {
    const { output, naive, leads, duplicates, filtered } = await mergeBothWays([
      { records: ROWS, first: 0, step: 1 },
      { records: ROWS, first: ROWS - 20, step: 1 },
      { records: ROWS, first: 2 * ROWS - 50, step: 1 },
    ]);
    expect(output.equals(naive)).toBe(true);
    expect({ leads, duplicates, filtered }).toEqual({ leads: 3 * ROWS - 50, duplicates: 50, filtered: [] });
  });

  it('writes the rows of a part that repeats ids all over anew', async () => {
    const { output, naive, leads, duplicates, filtered } = await mergeBothWays([
      { records: ROWS, first: 0, step: 3 },
      { records: ROWS, first: 0, step: 2 },
    ]);
    expect(output.equals(naive)).toBe(true);
    expect({ leads, duplicates }).toEqual({ leads: 2 * ROWS - ROWS / 3, duplicates: ROWS / 3 });
    expect(filtered).toEqual([`${windowsFor(2).windows[1]?.startAt ?? ''}-job.rows.csv`]);
  });

  it('adds nothing for a part whose ids all came before', async () => {
    const { output, naive, duplicates, filtered } = await mergeBothWays([
      { records: ROWS, first: 0, step: 1 },
      { records: 100, first: 500, step: 2 },
    ]);
    expect(output.equals(naive)).toBe(true);
    expect({ duplicates, filtered }).toEqual({ duplicates: 100, filtered: [] });
  });
});

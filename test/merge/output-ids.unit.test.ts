import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { IdSet } from '../../src/csv/id-set.js';
import type { MergeContext } from '../../src/merge/merge-context.js';
import { readOutputIds, writeOutputIds } from '../../src/merge/output-ids.js';
import { outputNames, runNames } from '../../src/parts/output-names.js';
import { PLAIN_MERGE } from '../fixtures/merge.js';
import { MemoryS3 } from '../helpers/memory-s3.js';
import { setOf } from './outputs-in-memory.js';

const DESTINATION = 's3://bucket/exports/leads.csv';
const OUTPUT = outputNames(DESTINATION);
const KEY = 'exports/_leads.csv/ids';

let s3: MemoryS3;
let ids: IdSet;

beforeEach(async () => {
  s3 = await MemoryS3.start();
  ids = setOf([1, 2, 2 ** 33]);
});

afterEach(async () => {
  ids.dispose();
  await s3.stop();
});

function context(ids: string | null): MergeContext {
  const run = runNames(OUTPUT, 'run');
  const plan = { instance: 'host', bucket: 'bucket', key: run.plan, sha256: '' };
  const { signal } = new AbortController();
  const ofRun = { workflowId: 'run', runId: 'run', plan, run, output: OUTPUT, destination: DESTINATION };
  return {
    ...PLAIN_MERGE,
    ...ofRun,
    accountEtags: { ...PLAIN_MERGE.accountEtags, ids },
    store: s3.store,
    signal,
    onWarning: () => undefined,
  };
}

const etag = (): string => s3.objects.get(KEY)?.etag ?? '';

describe('the id set of an output', () => {
  it('is read as it was written, by what the manifest tells of it', async () => {
    const told = await writeOutputIds(context(null), ids);
    expect(told).toMatchObject({ bytes: s3.objects.get(KEY)?.bytes.length, cardinality: 3 });
    const read = await readOutputIds(s3.store, OUTPUT, { ids: told });
    expect(read?.serialize()).toEqual(ids.serialize());
    read?.dispose();
  });

  it('replaces the one that was there when the run was planned', async () => {
    s3.put(KEY, 'yesterday');
    await writeOutputIds(context(etag()), ids);
    expect(s3.objects.get(KEY)?.bytes).toEqual(ids.serialize());
  });

  it('is found written where an earlier attempt came so far', async () => {
    const told = await writeOutputIds(context(null), ids);
    expect(await writeOutputIds(context(null), ids)).toEqual(told);
  });

  it('does not replace that of a newer output', async () => {
    s3.put(KEY, 'yesterday');
    const planned = etag();
    s3.put(KEY, 'newer');
    await expect(writeOutputIds(context(planned), ids)).rejects.toMatchObject({ type: 'DestinationChanged' });
    await expect(writeOutputIds(context(null), ids)).rejects.toMatchObject({ type: 'DestinationChanged' });
    expect(s3.text(KEY)).toBe('newer');
  });

  it('is none where it is missing, damaged, another one or not told of', async () => {
    const told = await writeOutputIds(context(null), ids);
    expect(await readOutputIds(s3.store, OUTPUT, {})).toBeUndefined();
    expect(await readOutputIds(s3.store, OUTPUT, { ids: { ...told, cardinality: 4 } })).toBeUndefined();
    const other = setOf([1, 2, 3]);
    s3.put(KEY, other.serialize());
    other.dispose();
    expect(await readOutputIds(s3.store, OUTPUT, { ids: told })).toBeUndefined();
    s3.put(KEY, Buffer.concat([ids.serialize(), Buffer.from('x')]));
    expect(await readOutputIds(s3.store, OUTPUT, { ids: told })).toBeUndefined();
    s3.objects.delete(KEY);
    expect(await readOutputIds(s3.store, OUTPUT, { ids: told })).toBeUndefined();
  });
});

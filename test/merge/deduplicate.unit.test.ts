import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '../../src/bytes/sha256.js';
import { IdSet } from '../../src/csv/id-set.js';
import { deduplicate, type Contribution } from '../../src/merge/deduplicate.js';
import type { CommitRecord } from '../../src/parts/commit-record.js';
import { outputNames, partNames, runNames } from '../../src/parts/output-names.js';
import { MemoryS3 } from '../helpers/memory-s3.js';

const RUN = runNames(outputNames('s3://bucket/leads.csv'), 'run');
const HEADER = 'id\n';

let s3: MemoryS3;

beforeAll(async () => {
  s3 = await MemoryS3.start();
});

afterAll(async () => {
  await s3.stop();
});

/** The committed part of a window with these ids, a row each. */
function commit(startAt: string, ids: readonly number[], told: { cardinality?: number } = {}): CommitRecord {
  const names = partNames(RUN, { startAt }, 'job');
  const set = new IdSet();
  for (const id of ids) set.add(0, id);
  const [idBytes, body] = [set.serialize(), HEADER + ids.map((id) => `${id}\n`).join('')];
  const cardinality = told.cardinality ?? set.cardinality;
  set.dispose();
  s3.put(names.part, body);
  s3.put(names.ids, idBytes);
  return {
    version: 2,
    instance: 'host',
    startAt,
    endAt: startAt,
    fieldsSha256: sha256('fields'),
    exportId: 'job',
    records: ids.length,
    warnings: [],
    part: {
      key: names.part,
      etag: s3.objects.get(names.part)?.etag ?? '',
      partBytes: body.length,
      bytes: body.length,
      sha256: sha256(body),
      headerStart: 0,
      bodyStart: HEADER.length,
      emptyLines: 0,
      headerSha256: sha256(HEADER),
      bodyCrc32: 0,
      idsKey: names.ids,
      idsEtag: s3.objects.get(names.ids)?.etag ?? '',
      idsBytes: idBytes.length,
      idsSha256: sha256(idBytes),
      cardinality,
      duplicatesInside: ids.length - cardinality,
      quoting: 'tolerant',
    },
    verifiedAt: '2024-06-01T00:00:00.000Z',
  };
}

function run(...records: readonly CommitRecord[]): Promise<Contribution[]> {
  return deduplicate({ store: s3.store, run: RUN, signal: new AbortController().signal }, records, new IdSet());
}

describe('an id set', () => {
  it('that is the committed one tells what each window adds', async () => {
    const found = await run(commit('2024-01-01T00:00:00Z', [1, 2]), commit('2024-02-01T00:00:00Z', [3, 4, 5]));
    expect(found.map(({ leads, duplicates }) => [leads, duplicates])).toEqual([
      [2, 0],
      [3, 0],
    ]);
  });

  it('that does not hold as many ids as its record says is not trusted, though its bytes are those of the record', async () => {
    const record = commit('2024-01-01T00:00:00Z', [1, 2, 3], { cardinality: 2 });
    await expect(run(record)).rejects.toMatchObject({
      type: 'MergeMismatch',
      message: expect.stringContaining('does not hold as many ids'),
    });
  });

  it('that is not the committed one is not trusted', async () => {
    const record = commit('2024-01-01T00:00:00Z', [1, 2, 3]);
    commit('2024-01-01T00:00:00Z', [1, 2, 4]);
    await expect(run(record)).rejects.toMatchObject({
      type: 'MergeMismatch',
      message: expect.stringContaining('is not the one that was committed'),
    });
  });
});

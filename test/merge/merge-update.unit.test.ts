import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IdSet } from '../../src/csv/id-set.js';
import { isPreconditionFailed } from '../../src/storage/s3-errors.js';
import { MemoryS3 } from '../helpers/memory-s3.js';
import { Outputs, setOf } from './outputs-in-memory.js';
import { mergeUpdate, type Update } from '../../src/merge/merge-update.js';
import type { CommitRecord } from '../../src/parts/commit-record.js';
import { outputNames, runNames } from '../../src/parts/output-names.js';

const HEADER = 'id,value\n';

let s3: MemoryS3;

beforeAll(async () => {
  s3 = await MemoryS3.start();
});

afterAll(async () => {
  await s3.stop();
});

/** A file with a row for each id; the value tells which file it is. */
function file(ids: readonly number[], value: string): Buffer {
  return Buffer.from(HEADER + ids.map((id) => `${id},${value}\n`).join(''));
}

/** Outputs that begin with these leads. */
async function begun(ids: readonly number[]): Promise<Outputs> {
  const outputs = new Outputs(s3, HEADER);
  await outputs.begin(file(ids, 'base'));
  return outputs;
}

/** The contributions of an update in which leads are gone, and nothing else. */
async function updateOf(base: CommitRecord, goneIds: readonly number[]): Promise<Update> {
  const [gone, ids] = [setOf(goneIds), new IdSet()];
  const run = runNames(outputNames('s3://bucket/leads.csv'), 'run');
  try {
    const { signal } = new AbortController();
    return await mergeUpdate({ store: s3.store, run, signal }, { quoting: 'rfc4180' }, { base, delta: [], gone }, ids);
  } finally {
    gone.dispose();
    ids.dispose();
  }
}

const NIGHT = '2024-06-01T01:00:00Z';

describe('an update', () => {
  it('has of each lead the row that was exported last, and none of a lead that is gone', async () => {
    const outputs = await begun([1, 2, 3, 4]);
    const early = outputs.commit('2024-06-01T00:00:00Z', file([2, 5, 6], 'early'), '2024-06-01T01:00:00Z');
    const late = outputs.commit('2024-05-01T00:00:00Z', file([5, 7], 'late'), '2024-06-01T02:00:00Z');
    const { changes } = await outputs.update([early, late], [3, 6, 99]);
    expect(Object.fromEntries(outputs.rows())).toEqual({
      1: '1,base',
      2: '2,early',
      4: '4,base',
      5: '5,late',
      7: '7,late',
    });
    expect(changes).toEqual({ created: 2, updated: 1, gone: 1 });
  });

  it('goes by when the files were verified where Marketo does not tell when it began with them', async () => {
    const outputs = await begun([1]);
    const untold = { ...outputs.commit('2024-06-01T00:00:00Z', file([1], 'untold'), NIGHT) };
    Reflect.deleteProperty(untold, 'startedAt');
    const told = outputs.commit('2024-05-01T00:00:00Z', file([1], 'told'), '2019-12-31T00:00:00Z');
    await outputs.update([told, { ...untold, verifiedAt: '2020-01-01T00:00:00.000Z' }], []);
    expect(outputs.rows().get(1)).toBe('1,untold');
  });

  it('in which nothing changed is the base again', async () => {
    const outputs = await begun([1, 2]);
    const empty = outputs.commit('2024-06-01T00:00:00Z', file([], 'none'), NIGHT);
    const { changes } = await outputs.update([empty], []);
    expect([...outputs.rows().values()]).toEqual(['1,base', '2,base']);
    expect(changes).toEqual({ created: 0, updated: 0, gone: 0 });
  });

  it('may leave nothing of the base, or nothing at all', async () => {
    const outputs = await begun([1, 2]);
    await outputs.update([outputs.commit('2024-06-01T00:00:00Z', file([1, 2], 'new'), NIGHT)], []);
    expect([...outputs.rows().values()]).toEqual(['1,new', '2,new']);
    expect((await outputs.update([], [1, 2])).changes).toEqual({ created: 0, updated: 0, gone: 2 });
    expect(outputs.rows().size).toBe(0);
    await outputs.update([outputs.commit('2024-06-02T00:00:00Z', file([8], 'next'), NIGHT)], []);
    expect([...outputs.rows().values()]).toEqual(['8,next']);
  });

  it('is what sets say it must be, night after night', async () => {
    const oneId = fc.nat({ max: 40 }).map((id) => (id % 5 === 0 ? id + 2 ** 33 : id));
    const ids = fc.uniqueArray(oneId, { maxLength: 30 });
    const first = fc.uniqueArray(oneId, { minLength: 1, maxLength: 30 });
    const nights = fc.array(fc.record({ parts: fc.array(ids, { maxLength: 3 }), gone: ids }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(first, nights, async (base, all) => {
        const outputs = await begun(base);
        const expected = new Map(base.map((id) => [id, `${id},base`]));
        for (const [night, { parts, gone }] of all.entries()) {
          const before = new Set(expected.keys());
          const records = parts.map((part, order) =>
            outputs.commit(
              `2024-0${order + 1}-01T00:00:00Z`,
              file(part, `${night}-${order}`),
              `2024-06-01T0${order}:00:00Z`,
            ),
          );
          const { changes } = await outputs.update(records, gone);
          for (const [order, part] of parts.entries())
            for (const id of part) expected.set(id, `${id},${night}-${order}`);
          for (const id of gone) expected.delete(id);
          expect(outputs.rows()).toEqual(expected);
          const delta = new Set(parts.flat().filter((id) => !gone.includes(id)));
          expect(changes).toEqual({
            created: [...delta].filter((id) => !before.has(id)).length,
            updated: [...delta].filter((id) => before.has(id)).length,
            gone: gone.filter((id) => before.has(id)).length,
          });
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is refused where the base is not what its manifest tells of', async () => {
    const base = await (await begun([1, 2, 3])).base();
    s3.put('leads.csv', 'id,value\n1,base\n2,base\n3,bent\n');
    const bent = base.part && { ...base, part: { ...base.part, etag: s3.objects.get('leads.csv')?.etag ?? '' } };
    await expect(updateOf(bent ?? base, [1])).rejects.toMatchObject({
      type: 'MergeMismatch',
      message: expect.stringContaining('is not what was verified'),
    });
  });

  it('is refused where another object lies there than the manifest tells of', async () => {
    const outputs = await begun([1, 2, 3]);
    s3.put('leads.csv', 'id,value\n4,other\n');
    expect(isPreconditionFailed(await outputs.base().catch((error: unknown) => error))).toBe(true);
  });

  it('is refused where the base has another number of leads than ids', async () => {
    const base = await (await begun([1, 2, 3])).base();
    await expect(updateOf({ ...base, records: 4 }, [9])).rejects.toMatchObject({
      type: 'MergeMismatch',
      message: 'The update would have 4 rows of 3 leads',
    });
  });

  it('is refused where the columns are others than those of the base', async () => {
    const outputs = await begun([1]);
    const odd = outputs.commit('2024-06-01T00:00:00Z', Buffer.from('id,other\n2,x\n'), NIGHT);
    await expect(outputs.update([odd], [])).rejects.toMatchObject({
      type: 'MergeMismatch',
      message: expect.stringContaining('The header of the window 2024-06-01T00:00:00Z differs'),
    });
  });
});

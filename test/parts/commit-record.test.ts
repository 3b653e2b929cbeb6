import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { belongsTo, deleteCommits, readCommit, writeCommit, type CommitRecord } from '../../src/parts/commit-record.js';
import { TAKE_OVER_DAYS } from '../../src/contract/limits.js';
import { findTakeOver } from '../../src/parts/take-over.js';
import { windowNames } from '../../src/parts/output-names.js';
import type { PlanRecord } from '../../src/plan/plan-record.js';
import { deleteObjects, putBytes } from '../../src/storage/objects.js';
import { csv, rows, Run } from './run.js';

const DAY = 86_400_000;

let run: Run;
let record: CommitRecord;

beforeAll(async () => {
  run = await Run.start();
});

afterAll(async () => {
  await run.stop();
});

beforeEach(async () => {
  await deleteObjects(run.store, run.bucket, await run.keys());
  await run.commitAll(csv(rows(1, 10)), undefined, csv(rows(11, 5)));
  const read = await readCommit(run.store, run.names, run.window(0));
  if (!read) throw new Error('There should be a record');
  record = read;
});

/** Starts of the windows that a run of this plan would take over. */
async function takenOver(plan: Partial<PlanRecord> = {}, now = new Date()): Promise<string[]> {
  const { records } = await findTakeOver(run.store, run.names, { ...run.plan, ...plan }, now);
  return records.map(({ startAt }) => startAt);
}

describe('taking parts over', () => {
  it('takes all that is committed under the plan, windows without leads too', async () => {
    expect(await takenOver()).toEqual(run.windows.map(({ startAt }) => startAt));
  });

  it.each<[string, Partial<PlanRecord>]>([
    ['another instance', { instance: 'other.mktorest.com' }],
    ['other fields', { fields: ['id', 'email', 'phone'] }],
    ['the same fields in another order', { fields: ['email', 'id'] }],
  ])('takes nothing of %s', async (_, plan) => {
    expect(await takenOver(plan)).toEqual([]);
  });

  it('takes nothing of another range', async () => {
    expect(await takenOver({ windowDays: 30 })).toEqual([]);
  });

  it('takes nothing that is older than 60 days', async () => {
    const verified = Date.parse(record.verifiedAt);
    expect(await takenOver({}, new Date(verified + TAKE_OVER_DAYS * DAY))).toContain(record.startAt);
    expect(await takenOver({}, new Date(verified + TAKE_OVER_DAYS * DAY + 1))).not.toContain(record.startAt);
  });

  it('takes no window whose part is gone or another one', async () => {
    const key = record.part?.key ?? '';
    const bytes = await run.read(key);
    await putBytes(run.store, { bucket: run.bucket, key }, Buffer.from(bytes.toString().replace('lead.5', 'lead.6')));
    expect(await takenOver()).toEqual(run.windows.slice(1).map(({ startAt }) => startAt));
    await deleteObjects(run.store, run.bucket, [key]);
    expect(await takenOver()).toEqual(run.windows.slice(1).map(({ startAt }) => startAt));
  });

  it('takes no window whose ids are gone or others', async () => {
    const key = record.part?.idsKey ?? '';
    await putBytes(run.store, { bucket: run.bucket, key }, Buffer.from('other ids'));
    expect(await takenOver()).toEqual(run.windows.slice(1).map(({ startAt }) => startAt));
    await deleteObjects(run.store, run.bucket, [key]);
    expect(await takenOver()).toEqual(run.windows.slice(1).map(({ startAt }) => startAt));
  });

  it.each(['partBytes', 'idsBytes'] as const)(
    'takes no window whose %s are others, whatever the ETag',
    async (size) => {
      if (!record.part) throw new Error('There should be a part');
      const part = { ...record.part, [size]: record.part[size] + 1 };
      await writeCommit(run.store, run.names, run.window(0), { ...record, part });
      expect(await takenOver()).not.toContain(record.startAt);
    },
  );

  it.each([
    ['no JSON', Buffer.from('{')],
    ['empty', Buffer.alloc(0)],
    ['of another version', Buffer.from('{"version":1}')],
  ])('takes no window whose record is %s', async (_, bytes) => {
    const key = windowNames(run.names, run.window(0)).commit;
    await putBytes(run.store, { bucket: run.bucket, key }, bytes);
    expect(await readCommit(run.store, run.names, run.window(0))).toBeNull();
    expect(await takenOver()).not.toContain(record.startAt);
  });

  it('takes nothing any more once the records are deleted, though the parts are there', async () => {
    await deleteCommits(run.store, run.names, run.windows);
    expect(await takenOver()).toEqual([]);
    expect(await run.keys()).toContain(record.part?.key);
  });
});

describe('a commit record', () => {
  it('is read as it was written', async () => {
    await writeCommit(run.store, run.names, run.window(1), { ...record, exportId: 'other' });
    expect(await readCommit(run.store, run.names, run.window(1))).toEqual({ ...record, exportId: 'other' });
  });

  it('belongs to its own window alone', () => {
    expect(belongsTo(record, run.plan, run.window(0))).toBe(true);
    expect(belongsTo(record, run.plan, run.window(1))).toBe(false);
    expect(belongsTo({ ...record, endAt: '2024-01-31T23:59:58Z' }, run.plan, run.window(0))).toBe(false);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { halvesOf, type Window } from '../../src/contract/windows.js';
import { readCommit, writeCommit, type CommitRecord } from '../../src/parts/commit-record.js';
import { findTakeOver, type TakeOver } from '../../src/parts/take-over.js';
import type { PlanRecord } from '../../src/plan/plan-record.js';
import { deleteObjects, putBytes } from '../../src/storage/objects.js';
import { csv, rows, Run } from './run.js';

const DAY = 86_400_000;

let run: Run;
beforeEach(async () => {
  run = await Run.start();
});
afterEach(() => run.stop());

function takeOver(plan: PlanRecord = run.plan, now = new Date()): Promise<TakeOver> {
  return findTakeOver(run.store, run.names, plan, now);
}

async function startsOf(found: Promise<TakeOver>): Promise<string[]> {
  return (await found).records.map(({ startAt }) => startAt);
}

async function record(index: number): Promise<CommitRecord & { part: NonNullable<CommitRecord['part']> }> {
  const found = await readCommit(run.store, run.names, run.window(index));
  if (!found?.part) throw new Error('There should be a part');
  return { ...found, part: found.part };
}

/** Puts a record in the place of a window's, which may be one that no plan has. */
function put(window: Window, change: Partial<CommitRecord>, of: CommitRecord): Promise<void> {
  return writeCommit(run.store, run.names, window, { ...of, ...window, ...change });
}

function halves(window: Window): readonly [Window, Window] {
  const found = halvesOf(window, 0);
  if (!found) throw new Error('The window should be long enough');
  return found;
}

const starts = (...indices: readonly number[]): string[] => indices.map((index) => run.window(index).startAt);

describe('what an earlier run verified', () => {
  it('is taken over, windows without leads too', async () => {
    await run.commitAll(csv(rows(1, 5)), undefined, csv(rows(6, 5)));
    expect(await startsOf(takeOver())).toEqual(starts(0, 1, 2));
    expect((await takeOver()).halved).toEqual([]);
  });

  it('is taken over for 60 days and no longer', async () => {
    await run.commitAll(csv(rows(1, 5)), undefined, csv(rows(6, 5)));
    const verified = Date.parse((await record(2)).verifiedAt);
    expect(await startsOf(takeOver(run.plan, new Date(verified + 59.9 * DAY)))).toEqual(starts(0, 1, 2));
    expect(await startsOf(takeOver(run.plan, new Date(verified + 60 * DAY + 1)))).toEqual([]);
  });

  it.each([
    ['another instance', { instance: 'other.example' }],
    ['other fields', { fields: ['id', 'email', 'firstName'] }],
    ['other fields in their order', { fields: ['email', 'id'] }],
    ['other windows', { windowDays: 30 }],
    ['another beginning', { startAt: '2024-01-01T00:00:01Z' }],
  ])('is left where it is by a plan of %s', async (_what, change) => {
    await run.commitAll(csv(rows(1, 5)), csv(rows(6, 5)), csv(rows(11, 5)));
    expect((await takeOver({ ...run.plan, ...change })).records).toEqual([]);
  });

  it('is taken over by a plan that ends later, but for the last window', async () => {
    await run.commitAll(csv(rows(1, 5)), csv(rows(6, 5)), csv(rows(11, 5)));
    expect(await startsOf(takeOver({ ...run.plan, endAt: '2024-03-20T00:00:01Z' }))).toEqual(starts(0, 1));
  });

  it.each(['part', 'ids'] as const)('is exported again where its %s is gone or another object', async (which) => {
    await run.commitAll(csv(rows(1, 5)), csv(rows(6, 5)), csv(rows(11, 5)));
    const keyOf = ({ part }: Awaited<ReturnType<typeof record>>): string => (which === 'part' ? part.key : part.idsKey);
    await deleteObjects(run.store, run.bucket, [keyOf(await record(0))]);
    await putBytes(run.store, { bucket: run.bucket, key: keyOf(await record(1)) }, Buffer.from('something else'));
    expect(await startsOf(takeOver())).toEqual(starts(2));
  });

  it('is exported again where its record cannot be read', async () => {
    await run.commitAll(csv(rows(1, 5)), csv(rows(6, 5)), csv(rows(11, 5)));
    const key = `${run.names.prefix}${run.window(1).startAt}.json`;
    await putBytes(run.store, { bucket: run.bucket, key }, Buffer.from('{"version": 1}'));
    expect(await startsOf(takeOver())).toEqual(starts(0, 2));
  });
});

describe('parts of different columns', () => {
  it('are not taken over together: those of the columns that came last are', async () => {
    await run.commitAll(csv(['1,a']), csv(['2']), csv(['3,c']));
    const [first, second, third] = await Promise.all([record(0), record(1), record(2)]);
    await put(run.window(1), { part: { ...second.part, columns: ['id'] } }, second);
    expect(await startsOf(takeOver())).toEqual(starts(0, 2));

    const later = new Date(Date.parse(third.verifiedAt) + 1000).toISOString();
    await put(run.window(1), { part: { ...second.part, columns: ['id'] }, verifiedAt: later }, second);
    expect(await startsOf(takeOver())).toEqual(starts(1));
    expect(first.part.headerSha256).toBe(third.part.headerSha256);
  });
});

describe('parts of other line ends', () => {
  it('are taken over together, unless their bytes are to stay as they are', async () => {
    await run.commitAll(csv(['1,a']), csv(['2,b'], { lineEnd: '\r\n' }), csv(['3,c']));
    expect(await startsOf(takeOver())).toEqual(starts(0, 1, 2));
    expect(await startsOf(takeOver({ ...run.plan, quoting: 'asIs' }))).toEqual(starts(0, 2));
  });
});

describe('windows that an earlier run halved', () => {
  beforeEach(() => run.commitAll(csv(rows(1, 5)), csv(rows(6, 5)), csv(rows(11, 5))));

  it('stay halved where both halves were verified', async () => {
    const [one, other] = halves(run.window(0));
    const whole = await record(0);
    await put(one, {}, whole);
    await put(other, {}, whole);
    const found = await takeOver();
    expect(found.records.map(({ startAt }) => startAt)).toEqual([one.startAt, other.startAt, ...starts(1, 2)]);
    expect(found.halved).toEqual([run.window(0)]);
  });

  it('stay halved where only one half was verified: the first', async () => {
    const [one] = halves(run.window(0));
    await put(one, {}, await record(0));
    expect(await startsOf(takeOver())).toEqual([one.startAt, ...starts(1, 2)]);
    expect((await takeOver()).halved).toEqual([run.window(0)]);
  });

  it('stay halved where only one half was verified: the second', async () => {
    const whole = await record(0);
    await deleteObjects(run.store, run.bucket, [`${run.names.prefix}${run.window(0).startAt}.json`]);
    const [, other] = halves(run.window(0));
    await put(other, {}, whole);
    expect(await startsOf(takeOver())).toEqual([other.startAt, ...starts(1, 2)]);
    expect((await takeOver()).halved).toEqual([run.window(0)]);
  });

  it('stay halved as deep as something was verified', async () => {
    const whole = await record(0);
    await deleteObjects(run.store, run.bucket, [`${run.names.prefix}${run.window(0).startAt}.json`]);
    const [, half] = halves(run.window(0));
    const [, quarter] = halves(half);
    await put(quarter, {}, whole);
    const found = await takeOver();
    expect(found.records[0]).toMatchObject(quarter);
    expect(new Set(found.halved)).toEqual(new Set([run.window(0), half]));
  });

  it('are exported whole again where nothing of their halves is of use', async () => {
    const [one, other] = halves(run.window(0));
    const whole = await record(0);
    const old = new Date(Date.now() - 61 * DAY).toISOString();
    await put(one, { verifiedAt: old }, whole);
    await put(other, { verifiedAt: old }, whole);
    expect(await takeOver()).toMatchObject({ records: [run.window(1), run.window(2)], halved: [] });
  });
});

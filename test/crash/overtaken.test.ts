import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeOutput } from '../../src/merge/make-output.js';
import { readCommit } from '../../src/parts/commit-record.js';
import { describeS3Error } from '../../src/storage/s3-errors.js';
import { csv, csvOfBytes, PART_BYTES, rows, Run } from '../parts/run.js';

// Temporal may give an activity to another worker while the first one, unheard of, goes on: both then work on the same window.
// One may fail for it, but only so that it is tried again, and what is there in the end is right.

let run: Run;
beforeEach(async () => {
  run = await Run.start();
});
afterEach(() => run.stop());

/** Failures that would end a window or a run for good. */
function fatal(outcomes: readonly PromiseSettledResult<unknown>[]): unknown[] {
  const reasons = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
  return reasons.filter((reason) => describeS3Error(reason)?.retryable !== true);
}

describe('two attempts at the same time', () => {
  it.each([1, 2, 3])('transfer one file: it is committed once, verified (round %d)', async () => {
    const file = csvOfBytes(2 * PART_BYTES + 12_345);
    const job = run.server.job(file);
    const outcomes = await Promise.allSettled([run.commit(0, job), run.commit(0, job)]);
    expect(fatal(outcomes)).toEqual([]);
    expect(await run.commit(0, job)).toMatchObject({ outcome: 'verified' });
    const part = (await readCommit(run.store, run.names, run.window(0)))?.part;
    expect((await run.read(part?.key ?? '')).equals(file)).toBe(true);
  });

  it.each([1, 2, 3])('publish one output: it is there once, with its manifest (round %d)', async () => {
    await run.commitAll(csv(rows(1, 1000)), csv(rows(500, 1000)), csv(rows(3000, 10)));
    const merge = (): ReturnType<typeof makeOutput> => makeOutput(run.mergeContext());
    const outcomes = await Promise.allSettled([merge(), merge()]);
    expect(fatal(outcomes)).toEqual([]);
    expect(await merge()).toMatchObject({ leads: 1509, duplicates: 501 });
    const expected = csv([...rows(1, 1499), ...rows(3000, 10)]);
    expect((await run.read('out/leads.csv')).equals(expected)).toBe(true);
    expect((await run.openUploads()).filter((key) => key === 'out/leads.csv')).toEqual([]);
  });
});

import { windowsOf, type Window } from '../contract/windows.js';
import { belongsTo, readCommits, type CommitRecord } from '../parts/commit-record.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';

/**
 * The commit records of all windows, in their order. Only what is committed under the run's own plan is merged: same
 * instance, range and fields; and all headers must be equal.
 *
 * @throws RunFailure `MergeMismatch` naming the first window that does not fit
 */
export async function collectParts(
  { store, run, halved }: Pick<MergeContext, 'store' | 'run' | 'halved'>,
  plan: PlanRecord,
): Promise<CommitRecord[]> {
  const windows = windowsOf(plan, halved);
  const found = await readCommits(store, run, windows);
  const records = windows.map((window, index) => checked(found[index], plan, window));
  const headers = records.flatMap(({ startAt, part }) => (part ? [{ startAt, sha256: part.headerSha256 }] : []));
  const odd = headers.find(({ sha256 }) => sha256 !== headers[0]?.sha256);
  if (!odd) return records;
  throw mergeMismatch(
    `The header of the window ${odd.startAt} differs from the one before: the instance changed its fields during the run`,
  );
}

function checked(record: CommitRecord | null | undefined, plan: PlanRecord, window: Window): CommitRecord {
  if (!record) throw mergeMismatch(`The window ${window.startAt} has no commit record`);
  if (!belongsTo(record, plan, window)) {
    throw mergeMismatch(`The commit record of the window ${window.startAt} is of another plan`);
  }
  const { records, part } = record;
  if (part && records !== part.cardinality + part.duplicatesInside) {
    throw mergeMismatch(`The commit record of the window ${window.startAt} contradicts itself`);
  }
  return record;
}

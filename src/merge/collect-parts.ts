import pLimit from 'p-limit';
import type { Window } from '../contract/windows.js';
import { belongsTo, readCommit, type CommitRecord } from '../parts/commit-record.js';
import type { RunNames } from '../parts/output-names.js';
import type { PlanRecord } from '../plan/plan-record.js';
import type { ObjectStore } from '../storage/object-store.js';
import { MergeMismatchError } from './errors.js';

/** Records that are read at once: a run may have hundreds, and each is a round trip. */
const IN_PARALLEL = 16;

/**
 * The commit records of all windows, in their order. Only what is committed under the run's own plan is merged: same
 * instance, range and fields; and all headers must be equal.
 *
 * @throws MergeMismatchError naming the first window that does not fit
 */
export async function collectParts(
  store: ObjectStore,
  run: RunNames,
  plan: PlanRecord,
  windows: readonly Window[],
): Promise<CommitRecord[]> {
  const records: CommitRecord[] = [];
  let headerSha256: string | undefined;
  const limit = pLimit(IN_PARALLEL);
  const found = await Promise.all(windows.map((window) => limit(() => readCommit(store, run, window))));
  for (const [index, window] of windows.entries()) {
    const record = found[index];
    if (!record) throw new MergeMismatchError(`The window ${window.startAt} has no commit record`);
    if (!belongsTo(record, plan, window)) {
      throw new MergeMismatchError(`The commit record of the window ${window.startAt} is of another plan`);
    }
    const { part } = record;
    if (part) {
      if (record.records !== part.cardinality + part.duplicatesInside) {
        throw new MergeMismatchError(`The commit record of the window ${window.startAt} contradicts itself`);
      }
      headerSha256 ??= part.headerSha256;
      if (part.headerSha256 !== headerSha256) {
        throw new MergeMismatchError(
          `The header of the window ${window.startAt} differs from the one before: the instance changed its fields during the run`,
        );
      }
    }
    records.push(record);
  }
  return records;
}

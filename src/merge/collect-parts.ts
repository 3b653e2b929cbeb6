import { windowsOf, type Window } from '../contract/windows.js';
import { sameColumns } from '../csv/header.js';
import { belongsTo, headerInCommon, readCommits, type CommitRecord } from '../parts/commit-record.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { cut } from '../text/clean.js';
import { mergeMismatch, type MergeContext } from './merge-context.js';

/** Most characters of names that are told. */
const NAMES_CHARACTERS = 300;

/**
 * The commit records of all windows, in their order. Only what is committed under the run's own plan is merged: same
 * instance, range and fields; and all must have the columns of the first, in its order. With `asIs` their headers must be equal
 * byte for byte, line end included.
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
  const parts = records.flatMap(({ startAt, part }) => (part ? [{ startAt, part }] : []));
  const [first] = parts;
  if (!first) return records;
  const header = headerInCommon(plan, first.part);
  const odd = parts.find(({ part }) => headerInCommon(plan, part) !== header);
  if (!odd) return records;
  const difference = differenceOf(first.part.columns ?? plan.fields, odd.part.columns ?? plan.fields);
  throw mergeMismatch(
    `The header of the window ${odd.startAt} differs from that of the window ${first.startAt}: ${difference}`,
  );
}

/** What the columns of two files differ in, the one that came first told last. */
function differenceOf(before: readonly string[], after: readonly string[]): string {
  const columns = sameColumns(after, before);
  if (columns.outcome === 'same')
    return 'line ends or quotes are written another way, which "quoting": "asIs" leaves as they are';
  if (columns.outcome === 'order differs') return 'the columns are in another order';
  const { missing, extra } = columns;
  return [
    missing.length > 0 ? `it lacks ${list(missing)}` : '',
    extra.length > 0 ? `it has ${list(extra)} in addition` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function list(names: readonly string[]): string {
  return cut(names.join(', '), NAMES_CHARACTERS);
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

import type { IdSet } from '../csv/id-set.js';
import type { CommittedPart } from '../parts/commit-record.js';
import { mergeMismatch } from './merge-context.js';

/** Rows that are kept and left out. */
export interface Counts {
  readonly kept: number;
  readonly dropped: number;
}

/**
 * Whether an id comes for the first time.
 *
 * @param seen ids of all earlier windows
 * @param inside ids of the window at hand that came before; each that is asked about is added
 */
export function firstTimes(seen: IdSet, inside: IdSet): (idHigh: number, idLow: number) => boolean {
  return (high, low) => !seen.has(high, low) && inside.add(high, low);
}

/** @throws RunFailure `MergeMismatch` if other rows were kept or dropped than the id sets say */
export function checkForetold({ key }: CommittedPart, { kept, dropped }: Counts, foretold: Counts): void {
  if (kept === foretold.kept && dropped === foretold.dropped) return;
  throw mergeMismatch(
    `Filtering ${key} kept ${kept} and dropped ${dropped} rows; the id sets say ${foretold.kept} and ${foretold.dropped}`,
  );
}

import type { LineEnd } from '../csv/header.js';
import { IdSet } from '../csv/id-set.js';
import { mendRecords } from '../csv/record-mender.js';
import type { CommittedPart } from '../parts/commit-record.js';
import type { CheckedSource } from '../storage/compose.js';
import { checkForetold, firstTimes, type Counts } from './first-times.js';
import { mergeMismatch } from './merge-context.js';
import type { PartContext } from './read-part.js';
import { writeRows } from './write-rows.js';

export interface MendedPart {
  /** Where the rows are. */
  readonly source: CheckedSource;
  /** How many of them were quoted anew. */
  readonly mended: number;
}

/**
 * The rows of a part whose id comes for the first time, without the header, as every reader of RFC 4180 reads them, in an
 * object of their own: each with the line end of the output, and those quoted anew that a reader could not read. All others
 * stay as they are, byte for byte.
 *
 * @param seen ids of all earlier windows
 * @param foretold rows that the id sets say will be kept and dropped
 * @throws RunFailure `MergeMismatch` if the part is not the one that was verified, or other rows are dropped or quoted anew than
 * id sets and commit record foretell
 */
export async function mendPart(
  context: PartContext,
  part: CommittedPart,
  targetKey: string,
  { seen, foretold, lineEnd }: { readonly seen: IdSet; readonly foretold: Counts; readonly lineEnd: LineEnd },
): Promise<MendedPart> {
  const inside = new IdSet();
  const keep = firstTimes(seen, inside);
  let mended = 0;
  try {
    const source = await writeRows(
      context,
      part,
      targetKey,
      (bytes) => mendRecords(bytes, { header: 'drop', quoteRule: part.quoteRule, lineEnd, keep }),
      (counts) => {
        checkForetold(part, counts, foretold);
        checkMended(part, counts);
        mended = counts.mended;
      },
    );
    return { source, mended };
  } finally {
    inside.dispose();
  }
}

/** Of the rows that are left out, nobody knows how many could not be read. */
function checkMended(
  { key, unreadableRecords }: CommittedPart,
  { dropped, mended }: Counts & { mended: number },
): void {
  if (mended <= unreadableRecords && mended >= unreadableRecords - dropped) return;
  throw mergeMismatch(`Mending ${key} quoted ${mended} rows anew; its commit record says ${unreadableRecords}`);
}

import { IdSet } from '../csv/id-set.js';
import { filterRecords } from '../csv/record-filter.js';
import type { CommittedPart } from '../parts/commit-record.js';
import type { CheckedSource } from '../storage/compose.js';
import { checkForetold, firstTimes, type Counts } from './first-times.js';
import { findKeptRanges } from './kept-ranges.js';
import { readPart, type PartContext } from './read-part.js';
import { writeRows } from './write-rows.js';

/**
 * Average length of ranges from which on copying beats writing: each boundary costs a request, and up to 5 MiB that are read
 * again to meet S3's least size of a part.
 */
const WORTH_A_COPY_BYTES = 20 * 1024 * 1024;

/**
 * The rows of a part whose id comes for the first time, byte for byte and without the header. Where they are a few long
 * ranges, as when neighbouring windows share the leads at their common edge, they stay where they are for S3 to copy;
 * otherwise they are written into an object of their own.
 *
 * @param seen ids of all earlier windows
 * @param foretold rows that the id sets say will be kept and dropped
 * @throws RunFailure `MergeMismatch` if the part is not the one that was verified, or other rows are dropped than foretold
 */
export async function filterPart(
  context: PartContext,
  part: CommittedPart,
  targetKey: string,
  seen: IdSet,
  foretold: Counts,
): Promise<CheckedSource[]> {
  const { key, etag } = part;
  const inside = new IdSet();
  const keep = firstTimes(seen, inside);
  const { quoteRule } = part;
  try {
    const most = Math.max(2, Math.floor(part.partBytes / WORTH_A_COPY_BYTES));
    const found = await readPart(context, part, (source) => findKeptRanges(source, keep, { most, quoteRule }));
    if (found) {
      checkForetold(part, found, foretold);
      return found.ranges.map((range) => ({ key, etag, ...range }));
    }
    // The records come again.
    inside.dispose();
    const rows = await writeRows(
      context,
      part,
      targetKey,
      (source) => filterRecords(source, keep, { header: 'drop', quoteRule }),
      (counts) => {
        checkForetold(part, counts, foretold);
      },
    );
    return [rows];
  } finally {
    inside.dispose();
  }
}

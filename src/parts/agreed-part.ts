import { RunFailure } from '../contract/failures.js';
import { checkFirstRecords } from '../csv/first-records.js';
import type { QuoteRule } from '../csv/quote-rule.js';
import type { Contents } from './part-verifier.js';
import { readBack, type StoredPart } from './read-back.js';
import { storePart } from './store-part.js';
import type { StoreContext } from './transfer-context.js';

/** How quotes may be meant, in the order in which they are tried; a file is first read in the way that Marketo was seen to write. */
const READINGS = [
  ['tolerant', 'as Marketo was seen to write them'],
  ['strict', 'by strict RFC 4180'],
  ['closing', 'by the rule that a quote before a delimiter or line end closes'],
] as const satisfies readonly (readonly [QuoteRule, string])[];

/** A stored part that could be read. */
export type AgreedPart = StoredPart & { readonly contents: Contents };

/**
 * Stores the part and makes sure that its records are as many as Marketo says. If they are not although the bytes are right,
 * the quotes may be meant another way: the part is read again. So it is if records have other columns than the header and
 * quotes that are not written by the rules: of the readings that agree, the one with the fewest such records counts, and of
 * as many the one whose records come closest to the header.
 *
 * @throws RunFailure `WindowFailed` if no reading agrees; FileMismatchError, MarketoError
 */
export async function storeAndAgree(context: StoreContext, wanted: number | undefined): Promise<AgreedPart> {
  const problems: string[] = [];
  let best: AgreedPart | undefined;
  try {
    for (const [quoteRule, how] of READINGS) {
      const isFirst = quoteRule === READINGS[0][0];
      const stored = isFirst ? await storePart(context) : await readBack(context, quoteRule);
      const contents = agreed(stored.contents, wanted);
      if ('problem' in contents) {
        problems.push(`${how}: ${contents.problem}`);
      } else if (best && !fitsBetter(contents, best.contents)) {
        contents.ids.dispose();
      } else {
        best?.contents.ids.dispose();
        best = { ...stored, contents };
        if (!isDoubtful(contents)) return best;
      }
    }
  } catch (error) {
    best?.contents.ids.dispose();
    throw error;
  }
  if (best) return best;
  const told = wanted === undefined ? 'readable records' : `the ${wanted} records that Marketo told`;
  throw new RunFailure(
    'WindowFailed',
    `The file has the checksum that Marketo told, but not ${told}. Quotes read ${problems.join('; ')}`,
  );
}

/** A record may have a column more as Marketo wrote it; quotes that are meant another way swallow many. */
function fitsBetter({ otherColumns: one }: Contents, { otherColumns: other }: Contents): boolean {
  return one.records < other.records || (one.records === other.records && one.difference < other.difference);
}

/** Whether fields may have been taken for one since a quote was meant another way. */
function isDoubtful({ otherColumns, unreadableRecords }: Contents): boolean {
  return otherColumns.records > 0 && unreadableRecords > 0;
}

/** Contents that Marketo's number and csv-parse agree with, or what they say instead. */
function agreed(contents: StoredPart['contents'], wanted: number | undefined): StoredPart['contents'] {
  if ('problem' in contents) return contents;
  const problem = problemOf(contents, wanted);
  if (problem === undefined) return contents;
  contents.ids.dispose();
  return { problem };
}

function problemOf({ records, sample, quoteRule }: Contents, wanted: number | undefined): string | undefined {
  if (wanted !== undefined && records !== wanted) return `${records} records were counted`;
  const { outcome } = checkFirstRecords(sample, quoteRule);
  if (outcome === 'agree' || outcome === 'unreadable') return undefined;
  return `csv-parse reads its first records differently: ${outcome}`;
}

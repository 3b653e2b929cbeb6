import type { IdSet } from '../../csv/id-set.js';
import type { PlanRecord } from '../../plan/plan-record.js';
import type { CheckedRange } from '../../storage/compose.js';
import type { Contribution } from '../deduplicate.js';
import type { MergeContext } from '../merge-context.js';

/** What a format is given: the output as CSV, in ranges of what is in S3. */
export interface FormatInput {
  readonly context: MergeContext;
  readonly plan: PlanRecord;
  readonly contributions: readonly Contribution[];
  /** Ids of all leads of the output. */
  readonly ids: IdSet;
  readonly csv: readonly CheckedRange[];
}

/** Makes what the output is of the CSV, in ranges of what is in S3. What an earlier attempt made is not made again. */
export type Format = (input: FormatInput) => Promise<readonly CheckedRange[]>;

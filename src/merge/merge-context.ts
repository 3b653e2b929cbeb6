import type { MergePartsArgs } from '../contract/activities.js';
import { RunFailure } from '../contract/failures.js';
import type { OutputNames, RunNames } from '../parts/output-names.js';
import type { Condition } from '../storage/conditions.js';
import type { ObjectStore } from '../storage/object-store.js';

/** What each step of the merge works with: made once, and handed on. */
export interface MergeContext extends MergePartsArgs {
  readonly store: ObjectStore;
  readonly output: OutputNames;
  readonly run: RunNames;
  readonly workflowId: string;
  readonly runId: string;
  /** Program that makes Parquet. @default the one beside this code, as it is built */
  readonly converterPath?: string;
  readonly signal: AbortSignal;
  readonly onWarning: (message: string) => void;
}

/** The condition that what was there when the run was planned, or nothing, still is. */
export function asPlanned(etag: string | null): Condition {
  return etag === null ? { ifNoneMatch: '*' } : { ifMatch: etag };
}

/** What lies in S3 is not what was verified: nothing is published. */
export function mergeMismatch(message: string): RunFailure {
  return new RunFailure('MergeMismatch', message);
}

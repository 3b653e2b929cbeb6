import { z } from 'zod';
import type { Mode } from './input.js';
import type { Window } from './windows.js';

/** What a run or a window may be waiting for. Spelled the same in queries, details, metrics and documents. */
export const WAIT_REASONS = [
  'jobQueued',
  'jobProcessing',
  'queueFull',
  'exportQuota',
  'quotaShare',
  'callQuota',
  'marketoUnavailable',
  'storageUnavailable',
  'parquetUnavailable',
  'otherInstance',
  'earlierRun',
  'unexpected',
] as const;

export type WaitReason = (typeof WAIT_REASONS)[number];

/** See {@link Wait}. */
export const waitSchema = z.object({
  reason: z.enum(WAIT_REASONS),
  /** One sentence for people; holds nothing secret and nothing of a lead. */
  message: z.string(),
  /** ISO 8601: when this wait began. */
  since: z.iso.datetime(),
  /** ISO 8601: when it ends, where that is known. */
  until: z.iso.datetime().exactOptional(),
});

/** A wait as it stands. A new one is told when {@link isNewWait} says so, not with each try. */
export type Wait = Readonly<z.infer<typeof waitSchema>>;

/** Whether a wait tells something that the one before did not: a first one, another reason, deadline or message. */
export function isNewWait(wait: Wait, before: Wait | undefined): boolean {
  return wait.reason !== before?.reason || wait.until !== before.until || wait.message !== before.message;
}

/** Where a window stands, from the view of its own workflow. */
export type WindowStage =
  'creating job' | 'enqueueing job' | 'waiting for job' | 'transferring' | 'completed' | 'abandoned';

/** Answer of the query `progress` of `extractWindow`. */
export interface WindowProgress extends Window {
  readonly stage: WindowStage;
  /** Marketo's id of the job at hand. */
  readonly exportId?: string;
  /** Jobs made for this window so far; at most `MAX_JOBS_PER_WINDOW`. */
  readonly jobs: number;
  readonly wait?: Wait;
  readonly records?: number;
  readonly bytes?: number;
}

/** Where a run stands. Also the values of the search attribute `ExtractStage`. */
export type ExtractStage =
  | 'planning'
  | 'exporting'
  | 'waiting for retryWindow'
  | 'merging'
  | 'cleaning up'
  | 'completed'
  | 'failed'
  | 'cancelled';

/** Where a window stands, from the view of the run. `exporting`: its job is Marketo's; `transferring`: the job is done and its slot is free. */
export type WindowState = 'pending' | 'exporting' | 'transferring' | 'completed' | 'taken over' | 'failed';

/** The reason of a window that did not fail, but ended with its run. */
export const CANCELLED = 'cancelled';

/** A window in the answer of the query `progress` of `extractLeads`. */
export interface WindowSummary extends Window {
  readonly state: WindowState;
  /** Known once the job is completed. */
  readonly records?: number;
  readonly bytes?: number;
  readonly wait?: Wait;
  /** Why it failed and what to do. */
  readonly reason?: string;
}

/** Answer of the query `progress` of `extractLeads`. */
export interface ExtractProgress {
  readonly stage: ExtractStage;
  readonly paused: boolean;
  readonly concurrency: number;
  readonly destination: string;
  /** What is done: known once it is planned. */
  readonly mode?: Mode;
  /** Why it is a full run although an update was asked for. */
  readonly fullBecause?: string;
  readonly startAt?: string;
  readonly endAt?: string;
  /** Number of windows by state; the sum is `total`. */
  readonly windows: { readonly total: number } & Readonly<Record<WindowState, number>>;
  /** Leads and bytes of the windows whose job is completed, before deduplication. */
  readonly records: number;
  readonly bytes: number;
  /** Windows that are open or failed, oldest first. */
  readonly current: readonly WindowSummary[];
  /** What the run itself waits for, outside of any window: while planning or merging. */
  readonly wait?: Wait;
  readonly warnings: readonly string[];
  readonly estimate?: Estimate;
}

/** What a run will probably take, from what it has seen so far. */
export interface Estimate {
  /** Seconds from now until the last window is exported at the present concurrency. */
  readonly secondsLeft: number;
  /** Bytes that the remaining windows will probably export. */
  readonly bytesLeft: number;
  /** Days that the default daily export quota, `DAILY_EXPORT_QUOTA_BYTES`, makes of the whole run. */
  readonly quotaDays: number;
}

import type { Poll } from './input.js';
import type { Window } from './windows.js';

/** Where the run's pinned plan lies, and the SHA-256 that its bytes must have: passed on instead of the field list, which may be long. */
export interface PlanRef {
  readonly bucket: string;
  readonly key: string;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** One run, also when another is started under its id: what signals of its activities and the command line address. */
export interface RunRef {
  readonly workflowId: string;
  readonly runId: string;
}

export interface PlanExtractArgs {
  readonly poll: Poll;
  readonly destination: string;
  readonly fields?: readonly string[];
  readonly startAtSeconds?: number;
  readonly endAtSeconds: number;
  /** True if the user gave `endAt`; otherwise a pinned plan of an earlier run may keep its own. */
  readonly endAtGiven: boolean;
  readonly windowOverlapSeconds: number;
}

export interface PlanSummary {
  readonly ref: PlanRef;
  /** Host of the Marketo instance. */
  readonly instance: string;
  readonly startAt: string;
  readonly endAt: string;
  readonly fields: number;
  readonly warnings: readonly string[];
  /** Windows whose verified part from an earlier run is taken over. */
  readonly takenOver: readonly { readonly window: string; readonly records: number; readonly bytes: number }[];
  /** Whether the namespace knows the search attributes `MarketoInstance` and `ExtractStage`. */
  readonly searchAttributes: boolean;
  /** ETag of what lies at the destination, `null` for nothing: it must still be so when the run publishes. */
  readonly destinationEtag: string | null;
}

/** What every activity of a window is told. */
export interface WindowArgs {
  readonly poll: Poll;
  readonly plan: PlanRef;
  readonly window: Window;
  /** Absent for a window that was started by hand, without a run. */
  readonly run?: RunRef;
}

/** A window to give up; without one, the merge. */
export interface AbandonArgs {
  readonly plan: PlanRef;
  readonly window?: Window;
  readonly exportId?: string;
}

export interface CreatedJob {
  readonly exportId: string;
  /** Creates of this activity whose answer was lost. */
  readonly lostCreates: number;
}

/** A job that will never deliver; `counts` tells whether it uses up one of the window's three jobs. */
export interface LostJob {
  readonly outcome: 'lost';
  readonly reason: string;
  readonly counts: boolean;
}

export type EnqueueOutcome = { readonly outcome: 'enqueued' } | LostJob;

/** What Marketo tells of a completed job. */
export interface CompletedJob {
  readonly exportId: string;
  /** Absent where Marketo does not tell: the file decides then. */
  readonly numberOfRecords?: number;
  /** Absent for a job without records. */
  readonly fileSize?: number;
  /** SHA-256 of the file, 64 hex digits. Absent for a job without records. */
  readonly sha256?: string;
  readonly queuedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

export type AwaitOutcome =
  | { readonly outcome: 'completed'; readonly job: CompletedJob }
  /** Still `Created` more than five minutes after enqueueing. */
  | { readonly outcome: 'notEnqueued' }
  /** Processing for more than a day: to be cancelled and made anew. */
  | { readonly outcome: 'stuck'; readonly reason: string }
  | LostJob;

/** A verified part, as far as the run needs to know. */
export interface PartSummary {
  readonly exportId: string;
  readonly records: number;
  readonly bytes: number;
}

export type TransferOutcome =
  | { readonly outcome: 'verified'; readonly part: PartSummary }
  /** The file is bad or gone: another job is needed. */
  | { readonly outcome: 'redo'; readonly reason: string };

export interface MergePartsArgs {
  readonly plan: PlanRef;
  readonly destination: string;
  readonly destinationEtag: string | null;
  readonly contentType: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly lostCreates: number;
  /** Starts of the windows taken over from an earlier run. */
  readonly takenOver: readonly string[];
}

export interface MergeSummary {
  readonly manifest: string;
  readonly leads: number;
  readonly duplicates: number;
  readonly bytes: number;
}

/** The activities as workflows call them. Each is idempotent; what fails for good is an `ApplicationFailure` whose type is in docs/errors.md. */
export interface Activities {
  /** Pins range and fields, checks them and the bucket, finds parts to take over. Spends one job that is never enqueued. */
  planExtract(args: PlanExtractArgs): Promise<PlanSummary>;
  createJob(args: WindowArgs): Promise<CreatedJob>;
  /** Waits, by retries, while the queue is full or the daily quota used up. */
  enqueueJob(args: WindowArgs & { readonly exportId: string }): Promise<EnqueueOutcome>;
  /** Waits, by retries, until the job has ended one way or the other. */
  awaitJob(args: WindowArgs & { readonly exportId: string }): Promise<AwaitOutcome>;
  /** Brings the file to S3 and verifies it; the commit record is written last. Fetches nothing for a job without records. */
  transferFile(args: WindowArgs & { readonly job: CompletedJob }): Promise<TransferOutcome>;
  /** Cancels the window's job and aborts its uploads, or without a window those of the merge: the only one that does. */
  abandonWindow(args: AbandonArgs): Promise<void>;
  /** Publishes the output, then the manifest, then deletes the commit records. */
  mergeParts(args: MergePartsArgs): Promise<MergeSummary>;
  /** Deletes what the run left beside the output. */
  cleanUp(args: { readonly plan: PlanRef; readonly keepParts: boolean }): Promise<void>;
}

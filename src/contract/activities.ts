import type { ExtractRequest, Mode } from './input.js';
import type { Poll } from './limits.js';
import type { Window, WindowPlan } from './windows.js';

/** Where the run's pinned plan lies, and the SHA-256 that its bytes must have: passed on instead of the field list, which may be long. */
export interface PlanRef {
  /** Host of the Marketo instance that the plan is for: a worker of another one lets the run wait. */
  readonly instance: string;
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

export interface PlanExtractArgs extends ExtractRequest {
  /** True if the user gave `endAt`; otherwise a pinned plan of an earlier run may keep its own. */
  readonly endAtGiven: boolean;
}

/**
 * ETags of the files that account for an output, `null` for nothing: each must still be what it was when the run was planned, so
 * that a run that comes late does not write over the account of a newer one.
 */
export interface AccountEtags {
  readonly manifest: string | null;
  readonly schema: string | null;
  readonly report: string | null;
  readonly ids: string | null;
}

/** What a run does, whatever it was asked for. */
interface Told {
  readonly mode: Mode;
  /** Why it is a full one although an update was asked for. */
  readonly fullBecause?: string;
}

export interface PlanSummary extends WindowPlan, Told {
  readonly ref: PlanRef;
  /** Where the range of the output begins: in an update that of its base. */
  readonly outputStartAt: string;
  readonly warnings: readonly string[];
  /** Windows whose verified part from an earlier run is taken over. */
  readonly takenOver: readonly {
    /** See `windowName`. */ readonly window: string;
    readonly records: number;
    readonly bytes: number;
  }[];
  /** Windows that an earlier run replaced by their halves. */
  readonly halved: readonly Window[];
  /** Whether the namespace knows the search attributes `MarketoInstance` and `ExtractStage`. */
  readonly searchAttributes: boolean;
  /** ETag of what lies at the destination, `null` for nothing: it must still be so when the run publishes. */
  readonly destinationEtag: string | null;
  readonly accountEtags: AccountEtags;
}

/** What every activity of a window is told. */
export interface WindowArgs {
  readonly poll: Poll;
  readonly plan: PlanRef;
  readonly window: Window;
  /** Absent for a window that was started by hand, without a run. */
  readonly run?: RunRef;
}

/** A window to give up, with its job where one is known. */
export interface AbandonWindowArgs {
  readonly plan: PlanRef;
  readonly window: Window;
  readonly exportId?: string;
}

export interface CreatedJob {
  readonly exportId: string;
  /** Creates of this activity whose answer was lost. */
  readonly lostCreates: number;
}

/** A job that will never deliver. */
export interface LostJob {
  readonly outcome: 'lost';
  readonly reason: string;
  /** Whether it uses up one of the window's three jobs. */
  readonly counts: boolean;
  /** True if Marketo could not make it, which it may for a smaller window. */
  readonly tooLarge?: true;
}

export type EnqueueOutcome = { readonly outcome: 'enqueued' } | LostJob;

/** Marketo's times of an export job, as far as it tells them: ISO 8601 in UTC. */
export interface JobTimes {
  readonly queuedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** What Marketo tells of a completed job. */
export interface CompletedJob extends JobTimes {
  readonly exportId: string;
  /** Marketo's `numberOfRecords`. Absent where Marketo does not tell: the file decides then. */
  readonly records?: number;
  /** Marketo's `fileSize`. Absent for a job without records. */
  readonly bytes?: number;
  /** SHA-256 of the file, 64 hex digits in lower case. Absent for a job without records. */
  readonly sha256?: string;
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
  readonly records: number;
  readonly bytes: number;
  /** What is odd about the file, one sentence each. */
  readonly warnings: readonly string[];
}

export type TransferOutcome =
  | { readonly outcome: 'verified'; readonly part: PartSummary }
  /** The file is bad or gone: another job is needed. */
  | { readonly outcome: 'redo'; readonly reason: string };

export interface MergePartsArgs {
  readonly plan: PlanRef;
  readonly destination: string;
  readonly destinationEtag: string | null;
  readonly accountEtags: AccountEtags;
  readonly contentType: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly lostCreates: number;
  /** Names of the windows taken over from an earlier run, see `windowName`. */
  readonly takenOver: readonly string[];
  /** Windows that were replaced by their halves. */
  readonly halved: readonly Window[];
  /** Whether an update leaves beside its output what it changed. */
  readonly keepChanges: boolean;
  /** Absent: 1 where the output that is there has any leads. */
  readonly minLeads?: number;
}

/** What an update did to its base. */
export interface Changes {
  /** Leads that the base did not have. */
  readonly created: number;
  /** Leads of the base whose row was exported anew. */
  readonly updated: number;
  /** Leads of the base that are gone. */
  readonly gone: number;
}

/** How far the ids of leads are known that were deleted or merged away. */
export type GoneSummary =
  | { readonly outcome: 'collected'; readonly until: string }
  /** The API user may not read activities. */
  | { readonly outcome: 'noPermission' };

export interface MergeSummary {
  readonly manifest: string;
  readonly leads: number;
  readonly duplicates: number;
  readonly bytes: number;
  /** Of an update. */
  readonly changes?: Changes;
}

/** The activities as workflows call them. Each is idempotent; what fails for good is an `ApplicationFailure` whose type is in docs/errors.md. */
export interface Activities {
  /** Pins range and fields, checks them and the bucket, finds parts to take over. Spends one job that is never enqueued. */
  planExtract(args: PlanExtractArgs): Promise<PlanSummary>;
  /** Waits until no window of an earlier run of the same workflow id is open: asks them to cancel. */
  closeEarlierWindows(args: { readonly poll: Poll }): Promise<void>;
  createJob(args: WindowArgs): Promise<CreatedJob>;
  /** Waits, by retries, while the queue is full or the daily quota used up. */
  enqueueJob(args: WindowArgs & { readonly exportId: string }): Promise<EnqueueOutcome>;
  /** Waits, by retries, until the job has ended one way or the other. */
  awaitJob(args: WindowArgs & { readonly exportId: string }): Promise<AwaitOutcome>;
  /** Brings the file to S3 and verifies it; the commit record is written last. Fetches nothing for a job without records. */
  transferFile(args: WindowArgs & { readonly job: CompletedJob }): Promise<TransferOutcome>;
  /** Cancels the window's job and aborts the uploads of its parts: the only one that does. */
  abandonWindow(args: AbandonWindowArgs): Promise<void>;
  /** Adds to what is known of leads that were deleted or merged away since the plan's moment. */
  collectGone(args: { readonly plan: PlanRef }): Promise<GoneSummary>;
  /** Publishes the output, then its id set and the manifest, then deletes the commit records. */
  mergeParts(args: MergePartsArgs): Promise<MergeSummary>;
  /** Aborts the upload of the output: the only one that does. */
  abandonMerge(args: { readonly plan: PlanRef }): Promise<void>;
  /** Deletes what the run left beside the output. */
  cleanUp(args: { readonly plan: PlanRef; readonly keepParts: boolean }): Promise<void>;
}

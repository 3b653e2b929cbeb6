import { windowName } from '../contract/windows.js';
import type { WorkflowExecutionStatusName } from '@temporalio/client';
import type { ExtractProgress, WindowProgress } from '../contract/progress.js';
import { doneSentence, headline, type Reader } from '../text/headline.js';

/** The activity that a workflow waits for, as Temporal sees it. */
export interface PendingActivity {
  readonly type: string;
  readonly attempt: number;
  /** ISO 8601: when it is tried again; absent while it runs. */
  readonly nextAttemptAt?: string;
  /** What a transfer had brought to S3 by its last heartbeat, which may be a minute old. */
  readonly uploadedBytes?: number;
}

/** What only the workflow of an open window knows. */
export interface WindowDetail {
  readonly progress?: WindowProgress;
  readonly activity?: PendingActivity;
}

/** A run at one moment. */
export interface Snapshot {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly status: WorkflowExecutionStatusName;
  /** Absent as long as no worker has told it. */
  readonly progress?: ExtractProgress;
  /** Open windows by their names. */
  readonly windows: Readonly<Record<string, WindowDetail>>;
  /** Activity of the run itself: planning, merging or clearing up. */
  readonly activity?: PendingActivity;
  /** Why `progress` is missing or old, as a sentence. */
  readonly trouble?: string;
}

/** True until a run has closed, also while it is not known. */
export function isOpen({ status }: Pick<Snapshot, 'status'>): boolean {
  return status === 'RUNNING' || status === 'PAUSED' || status === 'UNKNOWN';
}

/** The progress of a run, with the waits that only the workflows of its windows know. */
export function knownProgress({
  progress,
  windows,
}: Pick<Snapshot, 'progress' | 'windows'>): ExtractProgress | undefined {
  if (!progress) return undefined;
  const current = progress.current.map((window) => {
    const wait = window.wait ?? windows[windowName(window)]?.progress?.wait;
    return wait && window.state !== 'failed' ? { ...window, wait } : window;
  });
  return { ...progress, current };
}

/** What a run is doing and how far it is: `Exporting. 34 of 141 windows done, about 2 d left.` */
export function says(progress: ExtractProgress, reader: Reader): string {
  return [headline(progress, reader), doneSentence(progress)].filter((text) => text !== '').join(' ');
}

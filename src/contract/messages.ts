import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import { waitSchema, type ExtractProgress, type Wait, type WindowProgress } from './progress.js';

/** Text of a message is cut: nobody reads more, and nobody can fill what is told to others. */
const MAX_TEXT_CHARACTERS = 1000;

/** How every wait for a job begins. */
export const JOB_QUEUED = {
  reason: 'jobQueued',
  message: 'The export job is queued in Marketo',
} as const satisfies Pick<Wait, 'reason' | 'message'>;

/** Where a run stands; answered by `extractLeads` at any time, also after its end. */
export const progressQuery = defineQuery<ExtractProgress>('progress');

/** Where a window stands; answered by `extractWindow`. */
export const windowProgressQuery = defineQuery<WindowProgress>('progress');

/** Starts no new window until {@link resumeSignal}; open windows go on. */
export const pauseSignal = defineSignal('pause');

/** Ends a pause. */
export const resumeSignal = defineSignal('resume');

/** Tries a failed window again; takes the window's start as the query spells it. Only while the run waits or exports. */
export const retryWindowSignal = defineSignal<[string]>('retryWindow');

/** Sets the number of export jobs at once, 1–10; returns the new number. Running jobs are not cancelled. */
export const setConcurrencyUpdate = defineUpdate<number, [number]>('setConcurrency');

/** Sent by activities when the reason or the deadline of a wait changes; `null` ends it. The window is absent for waits of the run itself. */
export const waitChangedSignal = defineSignal<[WaitChanged]>('waitChanged');

/** Sent to the run when a window's job is completed: its slot is free. */
export const jobCompletedSignal = defineSignal<[JobCompleted]>('jobCompleted');

/** Sent to the run by a window: what a person should know or do, also after the end. */
export const warningSignal = defineSignal<[string]>('warning');

const waitChanged = z.object({ window: z.string().exactOptional(), wait: waitSchema.nullable() });

/** What {@link waitChangedSignal} tells. */
export type WaitChanged = Readonly<z.infer<typeof waitChanged>>;

const bytesOrRecords = z.int().min(0).exactOptional();

const jobCompleted = z.object({
  /** Start of the window. */
  window: z.string(),
  /** Absent where Marketo does not tell. */
  records: bytesOrRecords,
  bytes: bytesOrRecords,
});

/** What {@link jobCompletedSignal} tells. */
export type JobCompleted = Readonly<z.infer<typeof jobCompleted>>;

/** The message as it was meant, its text cut, or nothing where it has another shape: anybody may send a signal. */
export function readWaitChanged(message: unknown): WaitChanged | undefined {
  const change = waitChanged.safeParse(message).data;
  if (!change?.wait) return change;
  return { ...change, wait: { ...change.wait, message: change.wait.message.slice(0, MAX_TEXT_CHARACTERS) } };
}

/** As {@link readWaitChanged}; cut, so that nobody can fill the history. */
export function readWarning(message: unknown): string | undefined {
  return z.string().safeParse(message).data?.slice(0, MAX_TEXT_CHARACTERS);
}

/** As {@link readWaitChanged}. */
export function readJobCompleted(message: unknown): JobCompleted | undefined {
  return jobCompleted.safeParse(message).data;
}

import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ExtractProgress, Wait, WindowProgress } from './progress.js';

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
export const waitChangedSignal = defineSignal<[{ window?: string; wait: Wait | null }]>('waitChanged');

/** Sent to the run when a window's job is completed: its slot is free. */
export const jobCompletedSignal = defineSignal<[JobCompleted]>('jobCompleted');

/** What {@link jobCompletedSignal} tells. */
export interface JobCompleted {
  /** Start of the window. */
  readonly window: string;
  readonly exportId: string;
  /** Absent where Marketo does not tell. */
  readonly records?: number;
  readonly bytes?: number;
}

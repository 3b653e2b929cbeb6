import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityInterfaceFor,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../contract/activities.js';

/** For errors that nobody foresaw; foreseen ones name their own next delay. Tried without end. */
const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

/** A run has only ended once nothing of it works any more: what is cancelled is waited for, and hears of it by its heartbeats. */
const CANCELLATION = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

/**
 * Calls that mostly wait for Marketo: their waits are retries without end (no schedule-to-close), each attempt is short.
 * Heartbeats carry what an attempt leaves to the next one; Temporal wants a heartbeat timeout for them.
 */
const CALL: ActivityOptions = {
  ...CANCELLATION,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '60 seconds',
  retry: RETRY,
};

/** Planning reads assets, which may take 300 s each (Adobe: Assets), and tries all that the store must be able to do. */
const PLAN: ActivityOptions = { ...CALL, startToCloseTimeout: '10 minutes' };

/** Work that moves bytes: it heartbeats, resumes, and may take long. */
const DATA: ActivityOptions = { ...CALL, startToCloseTimeout: '24 hours' };

/** Clearing up after a cancelled window must end some day, whatever state Marketo and S3 are in. */
const BOUNDED: ActivityOptions = { ...CALL, scheduleToCloseTimeout: '15 minutes' };

/** With what each activity is called: a table that its test reads. */
export const ACTIVITY_OPTIONS = {
  planExtract: PLAN,
  closeEarlierWindows: CALL,
  createJob: CALL,
  enqueueJob: CALL,
  awaitJob: CALL,
  transferFile: DATA,
  collectGone: DATA,
  mergeParts: DATA,
  abandonWindow: BOUNDED,
  abandonMerge: BOUNDED,
  cleanUp: BOUNDED,
} as const satisfies Record<keyof Activities, ActivityOptions>;

const proxy = <K extends keyof Activities>(name: K): ActivityInterfaceFor<Activities>[K] =>
  proxyActivities<Activities>(ACTIVITY_OPTIONS[name])[name];

export const planExtract = proxy('planExtract');
export const closeEarlierWindows = proxy('closeEarlierWindows');
export const createJob = proxy('createJob');
export const enqueueJob = proxy('enqueueJob');
export const awaitJob = proxy('awaitJob');
export const transferFile = proxy('transferFile');
export const collectGone = proxy('collectGone');
export const mergeParts = proxy('mergeParts');
export const abandonWindow = proxy('abandonWindow');
export const abandonMerge = proxy('abandonMerge');
export const cleanUp = proxy('cleanUp');

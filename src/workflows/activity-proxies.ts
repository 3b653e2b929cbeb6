import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../contract/activities.js';

/**
 * Calls that mostly wait for Marketo: their waits are retries without end (no schedule-to-close), each attempt is short.
 * The backoff here serves for unforeseen errors only; foreseen ones name their own next delay. Heartbeats carry what an
 * attempt leaves to the next one; Temporal wants a heartbeat timeout for them.
 */
const api = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '2 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Calls that move bytes: they heartbeat, resume, and may take long. */
const data = proxyActivities<Activities>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '60 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Clearing up after a cancelled window must end some day, whatever state Marketo and S3 are in. */
const bounded = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '2 minutes',
  scheduleToCloseTimeout: '15 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

export const { planExtract, createJob, enqueueJob, awaitJob } = api;
export const { transferFile, mergeParts } = data;
export const { abandonWindow, cleanUp } = bounded;

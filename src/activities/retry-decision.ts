import { z } from 'zod';
import { RunFailure, type FailureType } from '../contract/failures.js';
import type { Poll } from '../contract/input.js';
import type { Wait, WaitReason } from '../contract/progress.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { nextQuotaAttempt } from '../marketo/quota-reset.js';
import { PlanLostError } from '../plan/plan-record.js';
import { describeS3Error } from '../storage/s3-errors.js';

const waitSchema = z.object({
  reason: z.enum([
    'jobQueued',
    'jobProcessing',
    'queueFull',
    'exportQuota',
    'callQuota',
    'marketoUnavailable',
    'storageUnavailable',
  ]),
  message: z.string(),
  since: z.string(),
  until: z.string().exactOptional(),
});

/** What an attempt leaves to the next one through its heartbeat details. */
export const memorySchema = z.object({
  /** Transient failures in a row. */
  failures: z.int().min(0).default(0),
  /** When a row of failures that are only borne for a day began, in milliseconds since 1970. */
  failingSince: z.number().exactOptional(),
  /** Times in a row that the queue was full. */
  fullQueues: z.int().min(0).default(0),
  /** The wait as it was last told. */
  wait: waitSchema.exactOptional(),
  /** Whatever the activity itself keeps. */
  own: z.record(z.string(), z.unknown()).default({}),
});

export type Memory = z.infer<typeof memorySchema>;

/** Thrown where there is nothing wrong but the time has not come. */
export class RetryLater extends Error {
  override readonly name = 'NotYet';

  constructor(
    readonly delayMilliseconds: number,
    readonly wait: { readonly reason: WaitReason; readonly message: string },
  ) {
    super(wait.message);
  }
}

/** Thrown where nothing will help. */
export class Hopeless extends Error {
  override readonly name = 'Hopeless';

  constructor(
    readonly type: FailureType,
    message: string,
  ) {
    super(message);
  }
}

export type Decision =
  | { readonly kind: 'fail'; readonly type: FailureType; readonly message: string }
  | { readonly kind: 'retry'; readonly delayMilliseconds: number; readonly message: string; readonly memory: Memory };

/** Errors that may pass but are not documented as passing are borne this long. */
const PATIENCE_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Transient failures in a row from which on the wait is told: a single one is over before anybody has read of it. */
const TOLD_FROM_FAILURES = 3;

const LONGEST_TRANSIENT_SECONDS = 60;

/** 1 → 2 → 4 … from the first interval to the longest: the recipe's truncated binary exponential backoff. */
export function backoffMilliseconds(poll: Poll, timesBefore: number): number {
  return Math.min(poll.initialMilliseconds * 2 ** Math.min(timesBefore, 30), poll.maximumMilliseconds);
}

/**
 * The one place that decides what an error means for an activity: fail for good, or come back after a delay, with what the
 * next attempt must know.
 */
export function decide(error: unknown, memory: Memory, poll: Poll, now: Date, random: () => number): Decision {
  if (error instanceof RetryLater) return retry(error.delayMilliseconds, calm(memory), error.wait, now);
  if (error instanceof Hopeless || error instanceof RunFailure)
    return { kind: 'fail', type: error.type, message: error.message };
  if (error instanceof PlanLostError) return { kind: 'fail', type: 'PlanLost', message: error.message };
  if (error instanceof MarketoError) return decideMarketo(error, memory, poll, now, random);
  const s3 = describeS3Error(error);
  if (!s3) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : 'Unknown error';
    return bounded({ reason: 'marketoUnavailable', message }, memory, now, random);
  }
  const message = `S3: ${s3.message}`;
  if (s3.retryable) return transient({ reason: 'storageUnavailable', message }, memory, now, random);
  return { kind: 'fail', type: s3.access ? 'StorageAccess' : 'StorageRefused', message };
}

function decideMarketo(error: MarketoError, memory: Memory, poll: Poll, now: Date, random: () => number): Decision {
  const { message, retryAfterSeconds } = error;
  const trouble = { reason: 'marketoUnavailable', message, retryAfterSeconds } as const;
  switch (error.action) {
    case 'retry':
      return transient(trouble, memory, now, random);
    case 'retryBounded':
      return bounded(trouble, memory, now, random);
    case 'queueFull': {
      const wait = { reason: 'queueFull', message: 'Waiting for a place in the export queue of the instance' } as const;
      const delay = backoffMilliseconds(poll, memory.fullQueues);
      return retry(delay, { ...calm(memory), fullQueues: memory.fullQueues + 1 }, wait, now);
    }
    case 'waitForExportQuota':
      return untilReset('exportQuota', 'Waiting for the daily export quota', memory, now, random);
    case 'waitForCallQuota':
      return untilReset('callQuota', 'Waiting for the daily quota of API calls', memory, now, random);
    default:
      return { kind: 'fail', type: error.access ? 'MarketoAccess' : 'MarketoRefused', message };
  }
}

function untilReset(reason: WaitReason, message: string, memory: Memory, now: Date, random: () => number): Decision {
  const until = nextQuotaAttempt(now, random);
  return retry(until.getTime() - now.getTime(), calm(memory), { reason, message, until: until.toISOString() }, now);
}

/** What may be over the next time. */
interface Trouble {
  readonly reason: WaitReason;
  readonly message: string;
  /** The least to wait, where whoever refused told it. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Comes back without end: after 1–2 s at first, twice as long each time, up to a minute or two. */
function transient(
  { reason, message, retryAfterSeconds = 0 }: Trouble,
  memory: Memory,
  now: Date,
  random: () => number,
): Decision {
  const failures = memory.failures + 1;
  // Jitter keeps windows that failed together from coming back together.
  const seconds = Math.min(2 ** (failures - 1), LONGEST_TRANSIENT_SECONDS) * (1 + random());
  const delay = Math.max(seconds, retryAfterSeconds) * 1000;
  const next = { ...memory, failures };
  if (failures < TOLD_FROM_FAILURES) return { kind: 'retry', delayMilliseconds: delay, message, memory: next };
  const wait = { reason, message: `Trying again since ${failures} tries failed: ${message}` };
  return retry(delay, next, memory.wait?.reason === reason ? memory.wait : wait, now);
}

/** Comes back like {@link transient}, for a day. */
function bounded(trouble: Trouble, memory: Memory, now: Date, random: () => number): Decision {
  const failingSince = memory.failingSince ?? now.getTime();
  if (now.getTime() - failingSince > PATIENCE_MILLISECONDS) {
    return { kind: 'fail', type: 'MarketoRefused', message: `For 24 hours: ${trouble.message}` };
  }
  return transient(trouble, { ...memory, failingSince }, now, random);
}

/** A wait goes on from when it began as long as its reason is the same. */
function retry(
  delayMilliseconds: number,
  memory: Memory,
  wait: { readonly reason: WaitReason; readonly message: string; readonly until?: string },
  now: Date,
): Decision {
  const since = memory.wait?.reason === wait.reason ? memory.wait.since : now.toISOString();
  return {
    kind: 'retry',
    delayMilliseconds,
    message: wait.until === undefined ? wait.message : `${wait.message} until ${wait.until}`,
    memory: { ...memory, wait: { ...wait, since } },
  };
}

/** Marketo answered as it should: no failures in a row any more. */
function calm({ fullQueues, wait, own }: Memory): Memory {
  return { failures: 0, fullQueues, own, ...(wait && { wait }) };
}

/**
 * Whether a wait tells something that the one before did not. That a job is queued at first goes without saying: the
 * window's workflow shows it by itself.
 */
export function isNews(wait: Wait, before: Wait | undefined): boolean {
  if (!before) return wait.reason !== 'jobQueued';
  return wait.reason !== before.reason || wait.until !== before.until || wait.message !== before.message;
}

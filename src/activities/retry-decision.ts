import { RunFailure, type FailureType } from '../contract/failures.js';
import type { HeartbeatDetails } from '../contract/heartbeat.js';
import { type Poll, PATIENCE_MILLISECONDS, SHAPE_PATIENCE_MILLISECONDS } from '../contract/limits.js';
import { isNewWait, type Wait, type WaitReason } from '../contract/progress.js';
import { cleanText } from '../marketo/clean-text.js';
import { MarketoError, UNEXPECTED_SHAPE } from '../marketo/marketo-errors.js';
import { nextQuotaAttempt } from '../marketo/quota-reset.js';
import { ConverterError } from '../merge/formats/parquet/converter.js';
import { describeS3Error } from '../storage/s3-errors.js';

/** Thrown where there is nothing wrong but the time has not come. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';

  constructor(
    readonly delayMilliseconds: number,
    readonly wait: Pick<Wait, 'reason' | 'message' | 'until'>,
  ) {
    super(wait.message);
  }
}

/** What Temporal is to do about an error. `unexpected` is where in the code an error came from that nobody foresaw. */
export type Decision = { readonly message: string; readonly unexpected?: string } & (
  | { readonly kind: 'fail'; readonly type: FailureType }
  | { readonly kind: 'retry'; readonly delayMilliseconds: number; readonly details: HeartbeatDetails }
);

/** Transient failures in a row from which on the wait is told: a single one is over before anybody has read of it. */
const TOLD_FROM_FAILURES = 3;

/** Tries that an error gets which nobody foresaw. */
const TRIES_OF_UNEXPECTED = 3;

const LONGEST_TRANSIENT_SECONDS = 60;

/** 1 → 2 → 4 … from the first interval to the longest: the recipe's truncated binary exponential backoff. */
export function backoffMilliseconds(poll: Poll, timesBefore: number): number {
  return Math.min(poll.initialMilliseconds * 2 ** Math.min(timesBefore, 30), poll.maximumMilliseconds);
}

/**
 * The one place that decides what an error means for an activity: fail for good, or come back after a delay, with what the
 * next attempt must know.
 *
 * @param random a number from 0 to below 1
 */
export function decide(
  error: unknown,
  details: HeartbeatDetails,
  poll: Poll,
  now: Date,
  random: () => number,
): Decision {
  if (error instanceof RunFailure) return { kind: 'fail', type: error.type, message: error.message };
  if (error instanceof RetryLater) return retry(error.delayMilliseconds, afterAnswer(details), error.wait, now);
  if (error instanceof MarketoError) return decideMarketo(error, details, poll, now, random);
  if (error instanceof ConverterError) {
    return transient({ reason: 'parquetUnavailable', message: error.message }, details, now, random);
  }
  const s3 = describeS3Error(error);
  if (!s3) return unexpected(error, details, now, random);
  const message = `S3: ${s3.message}`;
  if (s3.retryable) return transient({ reason: 'storageUnavailable', message }, details, now, random);
  return { kind: 'fail', type: s3.access ? 'StorageAccess' : 'StorageRefused', message };
}

function decideMarketo(
  error: MarketoError,
  details: HeartbeatDetails,
  poll: Poll,
  now: Date,
  random: () => number,
): Decision {
  const { message, retryAfterSeconds } = error;
  const trouble = { reason: 'marketoUnavailable', message, retryAfterSeconds } as const;
  const oddShapeSince = error.code === UNEXPECTED_SHAPE ? (details.oddShapeSince ?? now.getTime()) : undefined;
  if (oddShapeSince !== undefined && now.getTime() - oddShapeSince > SHAPE_PATIENCE_MILLISECONDS) {
    return { kind: 'fail', type: 'MarketoRefused', message: `For an hour: ${message}` };
  }
  switch (error.action) {
    case 'retry':
      return transient(trouble, { ...details, oddShapeSince }, now, random);
    case 'retryBounded':
      return bounded(trouble, { ...details, oddShapeSince }, now, random);
    case 'queueFull': {
      const wait = { reason: 'queueFull', message: 'Waiting for a place in the export queue of the instance' } as const;
      const delay = backoffMilliseconds(poll, details.fullQueues);
      return retry(delay, { ...afterAnswer(details), fullQueues: details.fullQueues + 1 }, wait, now);
    }
    case 'waitForExportQuota':
      return untilReset('exportQuota', 'Waiting for the daily export quota', details, now, random);
    case 'waitForCallQuota':
      return untilReset('callQuota', 'Waiting for the daily quota of API calls', details, now, random);
    case 'invalidFields':
      return { kind: 'fail', type: 'FieldsChanged', message };
    default:
      return { kind: 'fail', type: error.access ? 'MarketoAccess' : 'MarketoRefused', message };
  }
}

function untilReset(
  reason: WaitReason,
  message: string,
  details: HeartbeatDetails,
  now: Date,
  random: () => number,
): Decision {
  const until = nextQuotaAttempt(now, random);
  const wait = { reason, message, until: until.toISOString() };
  return retry(until.getTime() - now.getTime(), afterAnswer(details), wait, now);
}

/** What may be over the next time. */
interface Trouble {
  readonly reason: WaitReason;
  readonly message: string;
  /** The least to wait, where the answer told it. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Comes back without end: after 1–2 s at first, twice as long each time, up to a minute or two. */
function transient(
  { reason, message, retryAfterSeconds = 0 }: Trouble,
  details: HeartbeatDetails,
  now: Date,
  random: () => number,
): Decision {
  const failures = details.failures + 1;
  // Jitter keeps windows that failed together from coming back together.
  const seconds = Math.min(2 ** (failures - 1), LONGEST_TRANSIENT_SECONDS) * (1 + random());
  const delay = Math.max(seconds, retryAfterSeconds) * 1000;
  const next = { ...details, failures };
  if (failures < TOLD_FROM_FAILURES) return { kind: 'retry', delayMilliseconds: delay, message, details: next };
  const wait = { reason, message: `Trying again, since ${failures} tries failed: ${message}` };
  return retry(delay, next, details.wait?.reason === reason ? details.wait : wait, now);
}

/** Comes back like {@link transient}, for a day. */
function bounded(trouble: Trouble, details: HeartbeatDetails, now: Date, random: () => number): Decision {
  const failingSince = details.failingSince ?? now.getTime();
  if (now.getTime() - failingSince > PATIENCE_MILLISECONDS) {
    return { kind: 'fail', type: 'MarketoRefused', message: `For 24 hours: ${trouble.message}` };
  }
  return transient(trouble, { ...details, failingSince }, now, random);
}

/** An error that is no answer of Marketo or S3 is a bug of ours; it may still have to do with a moment. */
function unexpected(error: unknown, details: HeartbeatDetails, now: Date, random: () => number): Decision {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error('something that is no error');
  const said = `A bug of marketo-lead-extract: ${name}: ${cleanText(message)}`;
  // The message of the stack's first line may hold anything; its frames are places in the code.
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const where = [said, ...frames].join('\n');
  const unexpectedErrors = details.unexpectedErrors + 1;
  if (unexpectedErrors >= TRIES_OF_UNEXPECTED) {
    return { kind: 'fail', type: 'Unexpected', message: said, unexpected: where };
  }
  const decision = transient({ reason: 'unexpected', message: said }, { ...details, unexpectedErrors }, now, random);
  return { ...decision, unexpected: where };
}

/** A wait goes on from when it began as long as its reason is the same. */
function retry(
  delayMilliseconds: number,
  details: HeartbeatDetails,
  wait: Pick<Wait, 'reason' | 'message' | 'until'>,
  now: Date,
): Decision {
  const since = details.wait?.reason === wait.reason ? details.wait.since : now.toISOString();
  return {
    kind: 'retry',
    delayMilliseconds,
    message: wait.until === undefined ? wait.message : `${wait.message} until ${wait.until}`,
    details: { ...details, wait: { ...wait, since } },
  };
}

/** Marketo answered as it should: no failures in a row any more. How often the queue was full stays known. */
function afterAnswer(details: HeartbeatDetails): HeartbeatDetails {
  return { ...details, failures: 0, unexpectedErrors: 0, failingSince: undefined, oddShapeSince: undefined };
}

/**
 * Whether a wait tells something that the one before did not. That a job is queued at first goes without saying: the
 * window's workflow shows it by itself.
 */
export function isNews(wait: Wait, before: Wait | undefined): boolean {
  return before || wait.reason !== 'jobQueued' ? isNewWait(wait, before) : false;
}

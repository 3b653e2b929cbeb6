import { ApplicationFailure } from '@temporalio/workflow';
import { FAILURES, type FailureType } from '../contract/failures.js';
import { rootOf } from '../contract/root-failure.js';
import { cut } from '../text/clean.js';

/** Longer messages are cut: nobody reads more, and Temporal takes no failure of any size. */
const MAX_MESSAGE_CHARACTERS = 10_000;

/** A failure of one of the contract's types that Temporal does not retry. */
export function failure(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(cut(message, MAX_MESSAGE_CHARACTERS), type);
}

/**
 * An error as the workflow's own failure: type and message of its root where that is one of the contract's, so that nobody has
 * to unwrap it. Anything else stays as it is, or becomes a failure of the fallback type.
 */
export function ownFailure(error: unknown, fallback?: FailureType): unknown {
  const { message, type } = rootOf(error);
  if (type in FAILURES) return failure(type as FailureType, message);
  return fallback === undefined ? error : failure(fallback, message);
}

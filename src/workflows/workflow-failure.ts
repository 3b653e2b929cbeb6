import { ApplicationFailure } from '@temporalio/workflow';
import { FAILURES, type FailureType } from '../contract/failures.js';

/** A failure of one of the contract's types that Temporal does not retry. */
export function failure(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/**
 * Message and type of the failure at the root of an error: activity and child failures wrap what actually happened.
 * A time-out or a termination has no `ApplicationFailure` at its root and is told by its own message.
 */
export function rootOf(error: unknown): { readonly message: string; readonly type: string } {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  if (root instanceof ApplicationFailure) return { message: root.message, type: root.type ?? root.name };
  return root instanceof Error ? { message: root.message, type: root.name } : { message: String(root), type: 'Error' };
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

import { ApplicationFailure } from '@temporalio/common';

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

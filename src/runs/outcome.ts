import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/client';
import { FAILURES, type FailureType } from '../contract/failures.js';
import { TAKE_OVER_DAYS } from '../contract/limits.js';
import type { ExtractResult } from '../contract/result.js';
import { changesSentence, fullSentence } from '../text/mode.js';
import { reportUrl } from '../parts/output-names.js';
import { rootOf } from '../contract/root-failure.js';
import { withoutControls } from '../text/clean.js';
import { moment, plural, size } from '../text/format.js';
import { defaultWorkflowId } from './workflow-id.js';

/** How a run ended. */
export type Outcome =
  | { readonly status: 'completed'; readonly result: ExtractResult }
  | { readonly status: 'failed'; readonly type: string; readonly message: string; readonly remedy?: string }
  | { readonly status: 'cancelled' | 'terminated'; readonly message: string };

/** What the failure that closed a run means. */
export function outcomeOf(failure: unknown): Outcome {
  if (failure instanceof CancelledFailure) {
    return {
      status: 'cancelled',
      message: `The run was cancelled. What is verified is kept for ${TAKE_OVER_DAYS} days, unless it is discarded.`,
    };
  }
  if (failure instanceof TerminatedFailure) {
    return { status: 'terminated', message: `The run was terminated: ${failure.message}` };
  }
  if (failure instanceof TimeoutFailure) {
    return { status: 'failed', type: 'TimedOut', message: 'The run reached the time limit that it was started with.' };
  }
  const { type, message } = rootOf(failure);
  const known = type in FAILURES ? FAILURES[type as FailureType] : undefined;
  return { status: 'failed', type, message, ...(known && { remedy: known.remedy }) };
}

/** The outcome as plain lines. */
export function describeOutcome(outcome: Outcome): string[] {
  if (outcome.status === 'completed') return describeResult(outcome.result);
  if (outcome.status !== 'failed') return [withoutControls(outcome.message)];
  return [
    `The run failed: ${outcome.type}`,
    ...withoutControls(outcome.message).split('\n'),
    ...(outcome.remedy === undefined ? [] : [`What to do: ${outcome.remedy}`]),
  ];
}

/** What may be typed next, once a run has ended so. */
export function nextSteps(
  outcome: Outcome,
  {
    command,
    workflowId,
    destination,
  }: { readonly command: string; readonly workflowId: string; readonly destination: string },
): string[] {
  const run = `--destination ${quoted(destination)}`;
  if (outcome.status === 'completed') return ['Fetch it:', `  ${command} download ${run}`];
  if (outcome.status === 'failed' && outcome.type === 'InvalidInput') return [];
  const own = workflowId === defaultWorkflowId(destination) ? run : `${run} --workflow-id ${quoted(workflowId)}`;
  return [
    'To go on, start it again with the same options; only what is missing is exported:',
    `  ${command} start ${own}`,
    'To delete what it keeps in S3 instead:',
    `  ${command} discard ${own}`,
  ];
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function describeResult(result: ExtractResult): string[] {
  const { fullBecause, changes } = result;
  const windows = plural(result.windows, 'window');
  return [
    `Done: ${plural(result.leads, 'lead')} in ${result.destination} (${size(result.bytes)})`,
    ...(fullBecause === undefined ? [] : [fullSentence(fullBecause)]),
    changes
      ? `${changesSentence(changes)}, from ${windows}`
      : `from ${windows}, ${plural(result.duplicates, 'duplicate')} left out`,
    `created ${moment(result.startAt)} to ${moment(result.endAt)}`,
    `manifest ${result.manifest}`,
    `report ${reportUrl(result.destination)}`,
  ];
}

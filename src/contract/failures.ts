import { TAKE_OVER_DAYS } from './limits.js';

/**
 * Types of the `ApplicationFailure`s that end a run, a window or an activity, with what each means and what to do. The
 * table in docs/errors.md is made from this one.
 */
export const FAILURES = {
  InvalidInput: {
    meaning: 'The input breaks the contract, names fields that the instance does not have, or covers no time at all.',
    remedy: 'Correct what the message names and start again.',
  },
  MarketoAccess: {
    meaning: 'Marketo refuses the credentials, the permission or the subscription. No further window is started.',
    remedy: 'Mend the API user, its role or the launch point as the message says, then start again under the same id.',
  },
  MarketoRefused: {
    meaning: 'Marketo refuses a call for good, or has answered with errors for 24 hours.',
    remedy: 'Read the message; give Marketo Support its request id if the cause is not clear.',
  },
  FieldsChanged: {
    meaning: 'The instance does not export a field any more that the run began with. No further window is started.',
    remedy: 'Start again under the same id: the run plans anew, without the field unless "fields" names it.',
  },
  WindowFailed: {
    meaning: 'A window cannot be exported: three jobs were lost or bad, or its file cannot be what Marketo says it is.',
    remedy: 'Start again under the same id: what is verified is taken over. If it fails again, ask Marketo Support.',
  },
  WindowsFailed: {
    meaning: `The run ends because windows failed; the others are exported and kept for ${TAKE_OVER_DAYS} days.`,
    remedy: 'Start again under the same workflow id: only the failed windows are exported again.',
  },
  StorageAccess: {
    meaning: 'S3 refuses the credentials, the permission or the bucket.',
    remedy: 'Mend bucket, policy or credentials of the worker as the message says, then start again under the same id.',
  },
  StorageRefused: {
    meaning: 'S3 refuses a request for good, for a reason other than access.',
    remedy: 'Read the message: it names the operation and the code of S3.',
  },
  DestinationChanged: {
    meaning: 'Somebody wrote the destination object while the run was under way; it was not overwritten.',
    remedy: 'See whose object that is. To replace it, start again under the same id: the parts are kept.',
  },
  BaseTooOld: {
    meaning: 'An update took so long that Marketo has forgotten which leads were deleted since its base.',
    remedy: 'Start again under the same id: the run is a full one then.',
  },
  TooFewLeads: {
    meaning: 'The output would have fewer leads than `minLeads` asks for. Nothing was published.',
    remedy:
      'See why Marketo exports so few: permissions and partitions of the API user. If it is right, lower `minLeads`.',
  },
  MergeMismatch: {
    meaning: 'The parts in S3 or the composed output are not what was verified. Nothing was published.',
    remedy:
      'Start again under the same id. If it happens again, look for who changes objects under the prefix of the parts.',
  },
  PlanLost: {
    meaning: 'The plan of the run is gone from S3, or is not the one that the run pinned.',
    remedy: 'Start again: a new plan is made.',
  },
  Unexpected: {
    meaning: 'A bug of this service: an error that it did not foresee came three times in a row.',
    remedy:
      "Report it to this project with the stack from the worker's log. Starting again under the same id loses nothing.",
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type FailureType = keyof typeof FAILURES;

const STOPS_RUN: ReadonlySet<string> = new Set<FailureType>([
  'MarketoAccess',
  'FieldsChanged',
  'StorageAccess',
  'PlanLost',
]);

/** Whether every other window would meet the failure too: the run starts no further ones, and ends with it. */
export function stopsRun(type: string): type is FailureType {
  return STOPS_RUN.has(type);
}

/**
 * Ends a run or a window: nothing will help but what the remedy of its type says. Everything else that goes wrong is waited
 * out, or is a bug. The message is for people and holds nothing secret and nothing of a lead.
 */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';

  constructor(
    readonly type: FailureType,
    message: string,
  ) {
    super(message);
  }
}

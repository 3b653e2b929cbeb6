import { formatSeconds } from '../contract/dates.js';
import { RunFailure } from '../contract/failures.js';
import type { MarketoClient } from '../marketo/client.js';
import { exportableFields } from '../marketo/describe.js';
import { oldestFolderDate } from '../marketo/folders.js';
import { chooseFields } from './fields.js';

/** What of a run's input decides over its plan. */
export interface PlanRequest {
  readonly fields?: readonly string[];
  /** Seconds since 1970. */
  readonly startAtSeconds?: number;
  readonly endAtSeconds: number;
  readonly windowOverlapSeconds: number;
}

/** What a run would export, as far as Marketo tells without a job. */
export interface PlanDraft {
  /** Host of the Marketo instance. */
  readonly instance: string;
  readonly startAt: string;
  readonly endAt: string;
  readonly windowOverlapSeconds: number;
  readonly fields: readonly string[];
}

/**
 * Asks Marketo for the oldest date, unless it is given, and for the exportable fields; creates no job. A run and the command
 * `plan` both begin with it.
 *
 * @throws RunFailure of type `InvalidInput` where the range is empty or the instance does not have a field; MarketoError
 */
export async function draftPlan(client: MarketoClient, request: PlanRequest, signal?: AbortSignal): Promise<PlanDraft> {
  const oldestSeconds = request.startAtSeconds ?? Math.floor((await oldestFolderDate(client, signal)) / 1000);
  const startAt = formatSeconds(oldestSeconds);
  const endAt = formatSeconds(request.endAtSeconds);
  if (oldestSeconds >= request.endAtSeconds) {
    throw new RunFailure(
      'InvalidInput',
      `endAt: got ${endAt}; valid is a date after ${startAt}, when the instance began`,
    );
  }
  const choice = chooseFields(await exportableFields(client, signal), request.fields);
  if ('unknown' in choice) {
    throw new RunFailure(
      'InvalidInput',
      `fields: the instance does not have ${choice.unknown.join(', ')}; valid are the REST names that Describe Lead 2 lists`,
    );
  }
  const { windowOverlapSeconds } = request;
  return { instance: client.instanceHost, startAt, endAt, windowOverlapSeconds, fields: choice.fields };
}

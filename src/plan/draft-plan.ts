import type { Field } from '../contract/columns.js';
import { formatSeconds } from '../contract/dates.js';
import { RunFailure } from '../contract/failures.js';
import type { WindowPlan } from '../contract/windows.js';
import type { MarketoClient } from '../marketo/client.js';
import { describeFields } from '../marketo/describe.js';
import { oldestDate, type DateMemory } from '../marketo/oldest-date.js';
import { chooseFields, type FieldWish } from './fields.js';

/** What of a run's input decides over its plan. */
export interface PlanRequest extends FieldWish {
  /** Seconds since 1970. */
  readonly startAtSeconds?: number;
  readonly endAtSeconds: number;
  readonly windowOverlapSeconds: number;
  readonly windowDays: number;
}

/** What a run would export, as far as Marketo tells without a job. */
export interface PlanDraft extends WindowPlan {
  /** Host of the Marketo instance. */
  readonly instance: string;
  /** How the beginning is known, for people. */
  readonly startAtSource: string;
  /** REST names, `id` first. */
  readonly fields: readonly string[];
  /** What Describe tells of these fields; nothing of those that it does not list. */
  readonly described: readonly Field[];
  readonly warnings: readonly string[];
}

/**
 * Asks Marketo for the oldest date, unless it is given, and for the exportable fields; creates no job. A run and the command
 * `plan` both begin with it.
 *
 * @throws RunFailure of type `InvalidInput` where the range is empty or nothing matches a pattern; MarketoError
 */
export async function draftPlan(
  client: MarketoClient,
  request: PlanRequest,
  signal?: AbortSignal,
  memory?: DateMemory,
): Promise<PlanDraft> {
  const start = await startOf(client, request, signal, memory);
  const startAt = formatSeconds(start.seconds);
  const endAt = formatSeconds(request.endAtSeconds);
  if (start.seconds >= request.endAtSeconds) {
    throw new RunFailure(
      'InvalidInput',
      `endAt: got ${endAt}; valid is a date after ${startAt}, when the instance began`,
    );
  }
  const described = await describeFields(client, signal);
  const choice = chooseFields(
    described.map(({ name }) => name),
    request,
  );
  if ('unknown' in choice) {
    throw new RunFailure(
      'InvalidInput',
      `fields: no field of the instance matches ${choice.unknown.join(', ')}; valid are the REST names that Describe lists`,
    );
  }
  const { fields, unmatched } = choice;
  return {
    instance: client.instanceHost,
    startAt,
    startAtSource: start.source,
    endAt,
    windowOverlapSeconds: request.windowOverlapSeconds,
    windowDays: request.windowDays,
    fields,
    described: described.filter(({ name }) => fields.includes(name)),
    warnings: [
      ...start.warnings,
      ...unmatched.map((pattern) => `excludeFields: no field of the run matches ${pattern}`),
    ],
  };
}

interface Start {
  readonly seconds: number;
  readonly source: string;
  readonly warnings: readonly string[];
}

async function startOf(
  client: MarketoClient,
  { startAtSeconds }: PlanRequest,
  signal: AbortSignal | undefined,
  memory: DateMemory | undefined,
): Promise<Start> {
  if (startAtSeconds !== undefined) return { seconds: startAtSeconds, source: 'startAt', warnings: [] };
  const { milliseconds, source, folders, leads, warnings } = await oldestDate(client, signal, memory);
  const told = [
    ...(folders === undefined ? [] : [`the oldest folder is of ${formatSeconds(Math.floor(folders / 1000))}`]),
    ...(leads === undefined ? [] : [`the oldest of the lowest ids of ${formatSeconds(Math.floor(leads / 1000))}`]),
  ];
  return { seconds: Math.floor(milliseconds / 1000), source: `${source}: ${told.join(', ')}`, warnings };
}

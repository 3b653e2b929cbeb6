import { formatSeconds, parseSeconds } from '../contract/dates.js';
import { RunFailure } from '../contract/failures.js';
import { sameColumns } from '../csv/header.js';
import type { MarketoClient } from '../marketo/client.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { pagingToken } from '../marketo/paging-token.js';
import { cut } from '../text/clean.js';
import { moment } from '../text/format.js';
import { checkFields, type FieldCheck } from './check-fields.js';
import { draftPlan, type PlanDraft, type PlanRequest } from './draft-plan.js';
import type { BaseRecord } from './plan-record.js';
import { updatedUntil } from './updated-until.js';

/** Why a run must be a full one, as the end of a sentence. */
export interface Full {
  readonly because: string;
}

/** The base of an update with its columns, or why there is none. */
export type FoundBase = { readonly base: BaseRecord; readonly columns: readonly string[] } | Full;

/** What an update would export. */
export interface UpdateDraft extends PlanDraft {
  readonly base: BaseRecord;
  readonly updatedUntil: string;
}

/** Most characters of names that are told. */
const NAMES_CHARACTERS = 300;

/**
 * What an update of a base would export, as far as Marketo tells without a job, or why the run must be a full one: the API user
 * may not read activities, or another range is asked for.
 *
 * @throws RunFailure of type `InvalidInput` where the base is not older than the range that is asked for; MarketoError
 */
export async function draftUpdate(
  marketo: MarketoClient,
  request: PlanRequest,
  { base }: Exclude<FoundBase, Full>,
  signal?: AbortSignal,
): Promise<UpdateDraft | Full> {
  if (request.startAtSeconds !== undefined && request.startAtSeconds !== parseSeconds(base.startAt)) {
    return { because: `the output that is there begins at ${moment(base.startAt)}` };
  }
  if (request.endAtSeconds <= parseSeconds(base.endAt)) {
    throw new RunFailure(
      'InvalidInput',
      `endAt: got ${formatSeconds(request.endAtSeconds)}; valid is a date after ${base.endAt}, up to which the output is current`,
    );
  }
  if ((await orLack(pagingToken(marketo, base.goneUntil, signal), '603')) === undefined) {
    return { because: 'the role of the API user lacks Read-Only Activity' };
  }
  const draft = await draftPlan(marketo, { ...request, startAtSeconds: parseSeconds(base.endAt) }, signal);
  return { ...draft, startAtSource: 'the output that is there', base, updatedUntil: updatedUntil(draft) };
}

/**
 * The draft with the fields that Marketo exports, by a job that is never enqueued, or why the run must be a full one: the
 * subscription may lack the filter `updatedAt`, or the instance has other fields than the base by now.
 *
 * @throws RunFailure, MarketoError: see `checkFields`
 */
export async function checkUpdate(
  draft: UpdateDraft,
  columns: readonly string[],
  check: FieldCheck,
): Promise<UpdateDraft | Full> {
  const checked = await orLack(checkFields(draft, { ...check, filter: 'updatedAt' }), '1035');
  if (!checked)
    return { because: 'the subscription does not export leads by updatedAt, which Marketo Support can enable' };
  const because = differenceOf(columns, checked.fields);
  return because === undefined ? { ...draft, fields: checked.fields } : { because };
}

/** What an answer is, or nothing if the instance lacks what is asked for. */
async function orLack<T>(answer: Promise<T>, code: string): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof MarketoError && error.code === code) return undefined;
    throw error;
  }
}

/** How the fields differ from the columns of the output that is there. */
function differenceOf(before: readonly string[], after: readonly string[]): string | undefined {
  const columns = sameColumns(after, before);
  if (columns.outcome === 'same') return undefined;
  if (columns.outcome === 'order differs') return 'the columns of the output that is there are in another order';
  const told = [
    ...columns.missing.map((name) => `without ${name}`),
    ...columns.extra.map((name) => `with ${name}`),
  ].join(', ');
  return cut(`the fields are others than in the output that is there: ${told}`, NAMES_CHARACTERS);
}

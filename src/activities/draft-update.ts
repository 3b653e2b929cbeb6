import type { PlanExtractArgs } from '../contract/activities.js';
import { formatSeconds, parseSeconds } from '../contract/dates.js';
import { RunFailure } from '../contract/failures.js';
import { sameColumns } from '../csv/header.js';
import type { MarketoClient } from '../marketo/client.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { pagingToken } from '../marketo/paging-token.js';
import type { FoundBase } from '../merge/find-base.js';
import { checkFields, type FieldCheck } from '../plan/check-fields.js';
import { draftPlan, type PlanDraft } from '../plan/draft-plan.js';
import type { BaseRecord } from '../plan/plan-record.js';
import { updatedUntil } from '../plan/updated-until.js';
import { cut } from '../text/clean.js';
import { moment } from '../text/format.js';

/** What an update would export, its fields checked. */
export interface UpdateDraft extends PlanDraft {
  readonly base: BaseRecord;
  readonly updatedUntil: string;
}

/** Most characters of names that are told. */
const NAMES_CHARACTERS = 300;

/**
 * What an update of a base exports, or why the run must be a full one, as the end of a sentence: the subscription may lack the
 * filter `updatedAt`, the API user may not read activities, or the instance has other fields by now.
 *
 * @throws RunFailure of type `InvalidInput` where the base is not older than the range that is asked for; MarketoError
 */
export async function draftUpdate(
  marketo: MarketoClient,
  args: PlanExtractArgs,
  found: FoundBase,
  check: FieldCheck,
): Promise<UpdateDraft | { readonly because: string }> {
  if ('because' in found) return found;
  const { base, columns } = found;
  if (args.startAtSeconds !== undefined && args.startAtSeconds !== parseSeconds(base.startAt)) {
    return { because: `the output that is there begins at ${moment(base.startAt)}` };
  }
  if (args.endAtSeconds <= parseSeconds(base.endAt)) {
    throw new RunFailure(
      'InvalidInput',
      `endAt: got ${formatSeconds(args.endAtSeconds)}; valid is a date after ${base.endAt}, up to which the output is current`,
    );
  }
  const without = await orLack(pagingToken(marketo, base.goneUntil, check.signal), '603');
  if (without === undefined) return { because: 'the role of the API user lacks Read-Only Activity' };
  const draft = await draftPlan(marketo, { ...args, startAtSeconds: parseSeconds(base.endAt) }, check.signal);
  const checked = await orLack(checkFields(draft, { ...check, filter: 'updatedAt' }), '1035');
  if (!checked)
    return { because: 'the subscription does not export leads by updatedAt, which Marketo Support can enable' };
  const { fields } = checked;
  const differs = differenceOf(columns, fields);
  if (differs !== undefined) return { because: differs };
  return {
    ...draft,
    startAtSource: 'the output that is there',
    fields,
    base,
    updatedUntil: updatedUntil(draft),
    warnings: draft.warnings,
  };
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

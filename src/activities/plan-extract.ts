import { activityInfo, Context, log } from '@temporalio/activity';
import { sha256 } from '../bytes/sha256.js';
import type { PlanExtractArgs, PlanSummary } from '../contract/activities.js';
import { RunFailure } from '../contract/failures.js';
import { defined } from '../contract/defined.js';
import { formatOf } from '../contract/format.js';
import { END_MARGIN_SECONDS } from '../contract/input.js';
import { DAY_MILLISECONDS, RECIPE_POLL, TAKE_OVER_DAYS } from '../contract/limits.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import { windowName } from '../contract/windows.js';
import { outputNames, runNames, type OutputNames, type RunNames } from '../parts/output-names.js';
import { findTakeOver } from '../parts/take-over.js';
import type { DateMemory } from '../marketo/oldest-date.js';
import { checkFields, type FieldCheck } from '../plan/check-fields.js';
import { draftPlan } from '../plan/draft-plan.js';
import { checkUpdate, draftUpdate, type Full, type UpdateDraft } from '../plan/draft-update.js';
import { findPlan, writePlan, type PinnedPlan, type PlanRecord } from '../plan/plan-record.js';
import { checkStore } from '../storage/check-store.js';
import { headObject } from '../storage/objects.js';
import { findBase, isGoneKnown } from '../merge/find-base.js';
import { checkConverter } from '../merge/formats/parquet/check-converter.js';
import type { ObjectLocation } from '../storage/s3-url.js';
import { fullSentence } from '../text/mode.js';
import { writeOptionsOf } from '../merge/write-options.js';
import type { Attempt } from './attempt.js';
import { awaitOtherRuns } from './await-other-runs.js';
import type { Dependencies } from './dependencies.js';

/**
 * Pins what the run will do: its range from the instance's beginning to the end, and its fields, checked by one create over
 * one second that is never enqueued. Destination and bucket are checked before anything is spent in Marketo, by every kind of
 * request that the run will make; nothing is planned while a run is open that writes the same output. A run that was started again after a failure keeps its plan, and the verified parts.
 */
export async function planExtract(
  dependencies: Dependencies,
  attempt: Attempt,
  asked: PlanExtractArgs,
): Promise<PlanSummary> {
  const { marketo, store } = dependencies;
  const { signal } = attempt;
  const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
  const output = outputNames(asked.destination);
  const run = runNames(output, workflowId);
  if (asked.poll.initialMilliseconds < RECIPE_POLL.initialMilliseconds && marketo.isEncrypted) throw pollTooShort();
  const args = (await awaitOtherRuns(attempt, asked)) ? startingNow(asked) : asked;
  if (formatOf(args.destination) === 'parquet') await checkConverter(signal, dependencies.converterPath);
  const lacking = await checkStore(store, run.bucket, run.prefix, { ...writeOptionsOf(args, 'none'), signal });
  const etagOf = async (location: ObjectLocation): Promise<string | null> =>
    (await headObject(store, location, signal))?.etag ?? null;
  const [destinationEtag, manifest, schema, report, ids] = await Promise.all([
    etagOf(output.object),
    etagOf(output.manifest),
    etagOf(output.schema),
    etagOf(output.report),
    etagOf(output.ids),
  ]);
  const before = { etag: destinationEtag, manifestEtag: manifest };
  const { record, ref } = await findOrMakePlan(dependencies, attempt, args, { output, run, workflowId, before });
  const { records, halved } = await findTakeOver(store, run, record, new Date(), signal);
  const { mode, fullBecause, base, startAt, endAt, updatedUntil, windowOverlapSeconds, windowDays, warnings } = record;
  return {
    ref,
    mode,
    ...defined({ fullBecause, updatedUntil }),
    outputStartAt: base?.startAt ?? startAt,
    startAt,
    endAt,
    windowOverlapSeconds,
    windowDays,
    warnings: [...(fullBecause === undefined ? [] : [fullSentence(fullBecause)]), ...warnings, ...lacking],
    takenOver: records.map((taken) => ({
      window: windowName(taken),
      records: taken.records,
      bytes: taken.part?.bytes ?? 0,
    })),
    halved,
    searchAttributes: await knowsSearchAttributes(),
    destinationEtag,
    accountEtags: { manifest, schema, report, ids },
  };
}

/** A run that waited for another one ends its range when it begins, unless it was told where: what it waited for goes up to then. */
function startingNow(args: PlanExtractArgs): PlanExtractArgs {
  const now = Math.floor(Date.now() / 1000) - END_MARGIN_SECONDS;
  return args.endAtGiven ? args : { ...args, endAtSeconds: Math.max(args.endAtSeconds, now) };
}

/** Where a run's plan lies, and the ETags of what lies at its destination. */
interface Place {
  readonly output: OutputNames;
  readonly run: RunNames;
  readonly workflowId: string;
  readonly before: { readonly etag: string | null; readonly manifestEtag: string | null };
}

async function findOrMakePlan(
  dependencies: Dependencies,
  attempt: Attempt,
  args: PlanExtractArgs,
  { output, run, workflowId, before }: Place,
): Promise<PinnedPlan> {
  const { marketo, store } = dependencies;
  const location = { bucket: run.bucket, key: run.plan };
  const request = requestSha256(marketo.instanceHost, args);
  const check = fieldCheck(marketo, attempt, args);
  const found = await findPlan(store, location);
  // A field may have gone since: a plan that cannot be carried out any more pins nothing.
  if (found && isOfRequest(found, request) && stands(found.record, before) && (await isFeasible(found.record, check))) {
    const { quoting } = args;
    // Parts are the same however the output is written; but what a run has published or uploaded of it is not.
    return found.record.quoting === quoting ? found : writePlan(store, location, { ...found.record, quoting });
  }

  const update = args.mode === 'update' ? await planUpdate(dependencies, args, output, before, check) : undefined;
  const pinned = {
    ...({ version: 2, workflowId, fieldsNamed: check.named, quoting: args.quoting, request } as const),
    // Full runs among updates leave the next update what it needs.
    keepsBase: args.mode === 'update' || (await headObject(store, output.base, attempt.signal)) !== null,
  };
  if (update && 'base' in update) {
    const { fields, described, ...draft } = update;
    return writePlan(store, location, {
      ...pinned,
      ...draft,
      mode: 'update',
      fields: [...fields],
      described: described.filter(({ name }) => fields.includes(name)),
      warnings: [...draft.warnings],
      plannedAt: new Date().toISOString(),
    });
  }
  const draft = await draftPlan(marketo, args, attempt.signal, dateMemory(marketo, attempt));
  const { fields, refused } = await checkFields(draft, check);
  const leftOut =
    refused.length > 0 ? [`Left out, since the instance does not export them: ${refused.join(', ')}`] : [];
  const { instance, startAt, startAtSource, endAt, windowOverlapSeconds, windowDays } = draft;
  return writePlan(store, location, {
    ...pinned,
    mode: 'full',
    ...defined({ fullBecause: update?.because }),
    instance,
    startAt,
    startAtSource,
    endAt,
    windowOverlapSeconds,
    windowDays,
    fields: [...fields],
    described: draft.described.filter(({ name }) => fields.includes(name)),
    warnings: [...draft.warnings, ...leftOut],
    plannedAt: new Date().toISOString(),
  });
}

/** What an update exports, its fields checked, or why the run must be a full one. */
async function planUpdate(
  { marketo, store }: Dependencies,
  args: PlanExtractArgs,
  output: OutputNames,
  before: Place['before'],
  check: FieldCheck,
): Promise<UpdateDraft | Full> {
  const wish = { ...before, instance: marketo.instanceHost, quoting: args.quoting };
  const found = await findBase(store, output, wish, new Date(), check.signal);
  if ('because' in found) return found;
  const draft = await draftUpdate(marketo, args, found, check.signal);
  return 'because' in draft ? draft : checkUpdate(draft, found.columns, check);
}

/** What was asked for, as one value: a run that asks for something else plans afresh. */
function requestSha256(instance: string, args: PlanExtractArgs): string {
  const { mode, fields, excludeFields, startAtSeconds, endAtGiven, endAtSeconds, windowDays, windowOverlapSeconds } =
    args;
  const endAt = endAtGiven ? endAtSeconds : undefined;
  return sha256(
    JSON.stringify([mode, instance, fields, excludeFields, startAtSeconds, endAt, windowDays, windowOverlapSeconds]),
  );
}

/** Whether the base of a planned update is still what it was, and can still be brought up to date. */
function stands({ base }: PlanRecord, before: Place['before']): boolean {
  if (!base) return true;
  return (
    base.etag === before.etag && base.manifestEtag === before.manifestEtag && isGoneKnown(base.goneUntil, new Date())
  );
}

/** Whether Marketo still exports all fields of a plan, by the filter that it needs. */
async function isFeasible(plan: PlanRecord, check: FieldCheck): Promise<boolean> {
  const filter = plan.mode === 'update' ? 'updatedAt' : 'createdAt';
  return (await checkFields(plan, { ...check, filter })).refused.length === 0;
}

/** Parts are taken over for so long; an older plan has nothing left to pin. */
function isOfRequest({ record }: PinnedPlan, request: string): boolean {
  return record.request === request && Date.now() - Date.parse(record.plannedAt) < TAKE_OVER_DAYS * DAY_MILLISECONDS;
}

function fieldCheck(marketo: Dependencies['marketo'], attempt: Attempt, { fields }: PlanExtractArgs): FieldCheck {
  return {
    marketo,
    signal: attempt.signal,
    named: fields !== undefined,
    earlierJob: attempt.details.checkJob,
    onJob: (checkJob) => {
      attempt.remember({ checkJob });
    },
    onLeftJob: (exportId, code) => {
      log.info('The job that checked the fields could not be cancelled', { exportId, code });
    },
  };
}

/** The dates that an earlier attempt found; those of another instance, whose worker had that attempt, are none of this one's. */
function dateMemory({ instanceHost }: Dependencies['marketo'], attempt: Attempt): DateMemory {
  const { oldest } = attempt.details;
  return {
    found: oldest?.instance === instanceHost ? oldest : {},
    onFound: ({ folderPages, leads }) => {
      attempt.remember({ oldest: { instance: instanceHost, folderPages, leads } });
    },
  };
}

/** Marketo is asked for a status once a minute at most (Adobe: Bulk Extract, Polling); a simulator is asked as one likes. */
function pollTooShort(): RunFailure {
  return new RunFailure(
    'InvalidInput',
    'poll: valid is an initialInterval of at least 1 minute: Marketo renews the status of a job once a minute',
  );
}

/** Number of the type Keyword in Temporal's API. */
const KEYWORD = 2;

/**
 * Search attributes that a namespace does not know, or knows by another type, would fail every workflow task: they are only set
 * where both fit.
 */
async function knowsSearchAttributes(): Promise<boolean> {
  try {
    const { client, info } = Context.current();
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
      namespace: info.namespace,
    });
    return SEARCH_ATTRIBUTES.every((name) => Number(customAttributes[name]) === KEYWORD);
  } catch {
    return false;
  }
}

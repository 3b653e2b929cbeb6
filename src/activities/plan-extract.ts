import { activityInfo, Context, log } from '@temporalio/activity';
import { sha256 } from '../bytes/sha256.js';
import type { PlanExtractArgs, PlanSummary } from '../contract/activities.js';
import { DAY_MILLISECONDS, TAKE_OVER_DAYS } from '../contract/limits.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import { windowsOf } from '../contract/windows.js';
import { outputNames, runNames, type RunNames } from '../parts/output-names.js';
import { findTakeOvers } from '../parts/take-over.js';
import { checkFields } from '../plan/check-fields.js';
import { draftPlan } from '../plan/draft-plan.js';
import { findPlan, writePlan, type PinnedPlan } from '../plan/plan-record.js';
import { checkBucket, headObject } from '../storage/objects.js';
import type { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/**
 * Pins what the run will do: its range from the instance's beginning to the end, and its fields, checked by one create over
 * one second that is never enqueued. Destination and bucket are checked before anything is spent in Marketo. A run that was
 * started again after a failure keeps its plan, and the verified parts.
 */
export function planExtract(dependencies: Dependencies, attempt: Attempt, args: PlanExtractArgs): Promise<PlanSummary> {
  return attempt.withHeartbeat(() => plan(dependencies, attempt, args));
}

async function plan(dependencies: Dependencies, attempt: Attempt, args: PlanExtractArgs): Promise<PlanSummary> {
  const { store } = dependencies;
  const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
  const output = outputNames(args.destination);
  const run = runNames(output, workflowId);
  await checkBucket(store, run.bucket, `${run.prefix}check`);
  const [before, manifestBefore] = await Promise.all([
    headObject(store, output.object),
    headObject(store, output.manifest),
  ]);
  const { record, ref } = await findOrMakePlan(dependencies, attempt, args, run, workflowId);
  const takeOvers = await findTakeOvers(store, run, record, windowsOf(record), new Date());
  return {
    ref,
    startAt: record.startAt,
    endAt: record.endAt,
    windowOverlapSeconds: record.windowOverlapSeconds,
    warnings: record.warnings,
    takenOver: takeOvers.map(({ startAt, records, part }) => ({
      window: startAt,
      records,
      bytes: part?.bytes ?? 0,
    })),
    searchAttributes: await knowsSearchAttributes(),
    destinationEtag: before?.etag ?? null,
    manifestEtag: manifestBefore?.etag ?? null,
  };
}

async function findOrMakePlan(
  { marketo, store }: Dependencies,
  attempt: Attempt,
  args: PlanExtractArgs,
  run: RunNames,
  workflowId: string,
): Promise<PinnedPlan> {
  const { fields, startAtSeconds, endAtGiven, endAtSeconds, windowOverlapSeconds } = args;
  const request = sha256(
    JSON.stringify([
      marketo.instanceHost,
      fields,
      startAtSeconds,
      endAtGiven ? endAtSeconds : undefined,
      windowOverlapSeconds,
    ]),
  );
  const location = { bucket: run.bucket, key: run.plan };
  const found = await findPlan(store, location);
  const ageMilliseconds = Date.now() - Date.parse(found?.record.plannedAt ?? '');
  // Parts are taken over for so long; an older plan has nothing left to pin.
  if (found?.record.request === request && ageMilliseconds < TAKE_OVER_DAYS * DAY_MILLISECONDS) return found;

  const draft = await draftPlan(marketo, args, attempt.signal);
  const checked = await checkFields(draft, {
    marketo,
    signal: attempt.signal,
    named: fields !== undefined,
    earlierJob: attempt.details.checkJob,
    onJob: (checkJob) => {
      attempt.remember({ checkJob });
    },
    onLeftJob: (exportId, code) => {
      log.warn('The job that checked the fields could not be cancelled', { exportId, code });
    },
  });
  const { refused } = checked;
  const leftOut =
    refused.length > 0 ? [`Left out, since the instance does not export them: ${refused.join(', ')}`] : [];
  const { instance, startAt, startAtSource, endAt } = draft;
  return writePlan(store, location, {
    version: 2,
    workflowId,
    instance,
    startAt,
    startAtSource,
    endAt,
    windowOverlapSeconds,
    fields: [...checked.fields],
    fieldsNamed: fields !== undefined,
    request,
    warnings: [...draft.warnings, ...leftOut],
    plannedAt: new Date().toISOString(),
  });
}

/** Search attributes that a namespace does not know would fail every workflow task: they are only set where both are known. */
async function knowsSearchAttributes(): Promise<boolean> {
  try {
    const { client, info } = Context.current();
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
      namespace: info.namespace,
    });
    return SEARCH_ATTRIBUTES.every((name) => customAttributes[name] !== undefined);
  } catch {
    return false;
  }
}

import { activityInfo, Context, log } from '@temporalio/activity';
import { z } from 'zod';
import type { PlanExtractArgs, PlanSummary } from '../contract/activities.js';
import { formatSeconds } from '../contract/dates.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import { planWindows } from '../contract/windows.js';
import { exportableFields } from '../marketo/describe.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { oldestFolderDate } from '../marketo/folders.js';
import { cancelExportJob, createExportJob } from '../marketo/lead-export.js';
import { findTakeOvers } from '../parts/commit-record.js';
import { outputNames, runNames, type RunNames } from '../parts/output-names.js';
import { chooseFields } from '../plan/fields.js';
import { findPlan, sha256, writePlan, type PlanRecord } from '../plan/plan-record.js';
import { checkBucket, headObject } from '../storage/objects.js';
import { parseS3Url } from '../storage/s3-url.js';
import { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';
import { Hopeless } from './retry-decision.js';

/** Parts are taken over for 7 days; an older plan has nothing left to pin. */
const PLAN_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/**
 * Pins what the run will do: its range from the instance's oldest top-level folder (none of its leads can be older) to the
 * end, and its fields, checked by one create over one second that is never enqueued. Destination and bucket are checked
 * before anything is spent in Marketo. A run that was started again after a failure keeps its plan, and the verified parts.
 */
export function planExtract(dependencies: Dependencies, args: PlanExtractArgs): Promise<PlanSummary> {
  const { store } = dependencies;
  return Attempt.run(args, async (attempt) => {
    const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
    const run = runNames(outputNames(args.destination), workflowId);
    const destination = parseS3Url(args.destination);
    await checkBucket(store, run.bucket, `${run.prefix}check`);
    const before = await headObject(store, destination);
    const pinned = await findOrMakePlan(dependencies, args, run, workflowId, attempt);
    const { record } = pinned;
    const windows = planWindows(record.startAt, record.endAt, record.windowOverlapSeconds);
    const takeOvers = await findTakeOvers(store, run, record, windows, new Date());
    return {
      ref: pinned.ref,
      instance: record.instance,
      startAt: record.startAt,
      endAt: record.endAt,
      fields: record.fields.length,
      warnings: record.warnings,
      takenOver: takeOvers.map(({ startAt, records, part }) => ({
        window: startAt,
        records,
        bytes: part?.fileBytes ?? 0,
      })),
      searchAttributes: await knowsSearchAttributes(),
      destinationEtag: before?.etag ?? null,
    };
  });
}

async function findOrMakePlan(
  dependencies: Dependencies,
  args: PlanExtractArgs,
  run: RunNames,
  workflowId: string,
  attempt: Attempt,
): Promise<NonNullable<Awaited<ReturnType<typeof findPlan>>>> {
  const { marketo, store } = dependencies;
  const instance = marketo.instanceHost;
  const request = sha256(
    JSON.stringify([
      instance,
      args.fields,
      args.startAtSeconds,
      args.endAtGiven && args.endAtSeconds,
      args.windowOverlapSeconds,
    ]),
  );
  const found = await findPlan(store, run.bucket, run.plan);
  if (found?.record.request === request && Date.now() - Date.parse(found.record.plannedAt) < PLAN_MILLISECONDS) {
    return found;
  }
  const endAt = formatSeconds(args.endAtSeconds);
  const startAt = formatSeconds(
    args.startAtSeconds ?? Math.floor((await oldestFolderDate(marketo, attempt.signal)) / 1000),
  );
  if (startAt >= endAt) {
    throw new Hopeless(
      'InvalidInput',
      `endAt: got ${endAt}; valid is a date after ${startAt}, when the instance began`,
    );
  }
  const choice = chooseFields(await exportableFields(marketo, attempt.signal), args.fields);
  if ('unknown' in choice) {
    throw new Hopeless(
      'InvalidInput',
      `fields: the instance does not have ${choice.unknown.join(', ')}; valid are the REST names that Describe Lead 2 lists`,
    );
  }
  const { fields, refused } = await checkFields(dependencies, choice.fields, args, startAt, attempt);
  const record: PlanRecord = {
    version: 1,
    workflowId,
    instance,
    startAt,
    endAt,
    windowOverlapSeconds: args.windowOverlapSeconds,
    fields: [...fields],
    request,
    warnings: refused.length > 0 ? [`Left out, since the instance does not export them: ${refused.join(', ')}`] : [],
    plannedAt: new Date().toISOString(),
  };
  return { record, ref: await writePlan(store, run.bucket, run.plan, record) };
}

/** Lets Marketo itself check the fields: a job over one second is created and cancelled at once. */
async function checkFields(
  { marketo }: Dependencies,
  wanted: readonly string[],
  args: PlanExtractArgs,
  startAt: string,
  attempt: Attempt,
): Promise<{ readonly fields: readonly string[]; readonly refused: readonly string[] }> {
  let fields = wanted;
  const refused: string[] = [];
  const second = { startAt, endAt: formatSeconds(Math.floor(Date.parse(startAt) / 1000) + 1) };
  const before = z.string().safeParse(attempt.recall('checkJob'));
  if (before.success) await cancel(before.data);
  for (;;) {
    try {
      const { exportId } = await createExportJob(marketo, { fields, ...second }, attempt.signal);
      attempt.remember({ checkJob: exportId });
      await cancel(exportId);
      return { fields, refused };
    } catch (error) {
      const invalid = error instanceof MarketoError ? error.invalidFields : [];
      const rest = fields.filter((field) => field === 'id' || !invalid.includes(field));
      if (rest.length === fields.length) throw error;
      if (args.fields) {
        throw new Hopeless('InvalidInput', `fields: Marketo does not export ${invalid.join(', ')} in this instance`);
      }
      refused.push(...invalid);
      fields = rest;
    }
  }

  /** A job that stays `Created` takes no place in the queue: not worth failing for. */
  async function cancel(exportId: string): Promise<void> {
    try {
      await cancelExportJob(marketo, exportId, attempt.signal);
    } catch (error) {
      if (!(error instanceof MarketoError)) throw error;
      log.warn('The job that checked the fields could not be cancelled', { exportId, code: error.code });
    }
  }
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

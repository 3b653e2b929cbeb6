import type { MergePartsArgs, MergeSummary, PlanRef } from '../contract/activities.js';
import type { Manifest } from '../contract/result.js';
import { planWindows } from '../contract/windows.js';
import { deleteCommits } from '../parts/commit-record.js';
import { manifestUrl, runNamesOf, type RunNames } from '../parts/output-names.js';
import { findPlan, readPlan } from '../plan/plan-record.js';
import { isNotFound, isPreconditionFailed } from '../storage/s3-errors.js';
import type { ObjectStore } from '../storage/object-store.js';
import { deleteObjects, headObject } from '../storage/objects.js';
import { parseS3Url } from '../storage/s3-url.js';
import { collectParts } from './collect-parts.js';
import { deduplicate } from './deduplicate.js';
import { MergeMismatchError } from './errors.js';
import { hex, manifestWindows, planned, readManifest, writeManifest } from './manifest.js';
import { outputRanges } from './output-ranges.js';
import { isOurs, publish } from './publish.js';
import { writeReport } from '../report/write-report.js';

export interface MergeOptions extends MergePartsArgs {
  readonly workflowId: string;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly onWarning: (message: string) => void;
}

/**
 * Makes the output of the verified parts and publishes it: object → manifest → commit records deleted. Each step is found
 * done when it is done, so that an attempt after a crash goes on where the last one stopped, and one that another has
 * overtaken tells what that one made.
 *
 * @throws MergeMismatchError, DestinationChangedError
 */
export async function mergeParts(store: ObjectStore, options: MergeOptions): Promise<MergeSummary> {
  const run = runNamesOf(options.plan);
  const earlier = await findPublished(store, run, options);
  if (earlier) return earlier;
  try {
    return await makeOutput(store, run, options);
  } catch (error) {
    const meanwhile = await findPublished(store, run, options);
    if (meanwhile) return meanwhile;
    if (!isPreconditionFailed(error) && !isNotFound(error)) throw error;
    throw new MergeMismatchError(`An object under ${run.prefix} is gone or not the one that was verified`);
  }
}

/** What an earlier attempt published, if it came as far as the manifest; its last steps are done again. */
async function findPublished(
  store: ObjectStore,
  run: RunNames,
  options: MergeOptions,
): Promise<MergeSummary | undefined> {
  const present = await headObject(store, parseS3Url(options.destination));
  if (!present || !isOurs(present, options.plan)) return undefined;
  const published = await readManifest(store, options.destination, present.etag);
  if (!published) return undefined;
  await writeReport(store, options.destination, options.onWarning);
  await forget(store, run, options.plan);
  const { leads, duplicates, bytes } = published;
  return { manifest: manifestUrl(options.destination), leads, duplicates, bytes };
}

async function makeOutput(store: ObjectStore, run: RunNames, options: MergeOptions): Promise<MergeSummary> {
  const present = await headObject(store, parseS3Url(options.destination));
  const plan = await readPlan(store, options.plan);
  const windows = planWindows(plan.startAt, plan.endAt, plan.windowOverlapSeconds);
  const records = await collectParts(store, run, plan, windows);
  const contributions = await deduplicate(store, run, records, options.signal);
  const ranges = await outputRanges(store, run, plan, contributions);
  const object = await publish(store, run, options, ranges, present);

  const leads = contributions.reduce((sum, contribution) => sum + contribution.leads, 0);
  const duplicates = contributions.reduce((sum, contribution) => sum + contribution.duplicates, 0);
  const account: Manifest = {
    version: 2,
    workflowId: options.workflowId,
    runId: options.runId,
    ...planned(plan),
    destination: options.destination,
    leads,
    duplicates,
    bytes: object.bytes,
    etag: object.etag,
    crc32: hex(object.crc32),
    publishedAt: new Date().toISOString(),
    lostCreates: options.lostCreates,
    warnings: options.warnings,
    windows: manifestWindows(contributions, new Set(options.takenOver)),
  };
  await writeManifest(store, account);
  await writeReport(store, options.destination, options.onWarning);
  await forget(store, run, options.plan);
  return { manifest: manifestUrl(options.destination), leads, duplicates, bytes: object.bytes };
}

/**
 * What is published is neither planned nor taken over again, even if the clean-up that follows should fail: the commit records
 * are deleted, and last the plan, without which nobody would know of them. Where another run has planned anew, all is its.
 */
async function forget(store: ObjectStore, run: RunNames, { sha256 }: PlanRef): Promise<void> {
  const plan = await findPlan(store, run.bucket, run.plan);
  if (plan?.ref.sha256 !== sha256) return;
  const { startAt, endAt, windowOverlapSeconds } = plan.record;
  await deleteCommits(store, run, planWindows(startAt, endAt, windowOverlapSeconds));
  await deleteObjects(store, run.bucket, [run.plan]);
}

import type { MergeSummary } from '../contract/activities.js';
import type { Manifest, ManifestWindow } from '../contract/manifest.js';
import { defined } from '../contract/defined.js';
import { RunFailure } from '../contract/failures.js';
import { windowsOf } from '../contract/windows.js';
import type { IdSet } from '../csv/id-set.js';
import { deleteCommits } from '../parts/commit-record.js';
import { findPlan, type PlanRecord } from '../plan/plan-record.js';
import { readManifest, writeManifest } from './manifest-file.js';
import { writeOutputIds } from './output-ids.js';
import { writeReport } from '../report/write-report.js';
import { deleteObjects, headObject } from '../storage/objects.js';
import { formatS3Url } from '../storage/s3-url.js';
import { isPreconditionFailed } from '../storage/s3-errors.js';
import type { Contribution } from './deduplicate.js';
import { asPlanned, type MergeContext } from './merge-context.js';
import { isOurs, type PublishedObject } from './publish.js';

/**
 * Accounts for a published output: its id set, manifest, then report, then what the parts were kept for is deleted.
 *
 * @param ids of all leads of the output
 * @returns what the run tells of it
 */
export async function account(
  context: MergeContext,
  plan: PlanRecord,
  contributions: readonly Contribution[],
  object: PublishedObject,
  ids: IdSet,
): Promise<MergeSummary> {
  const manifest = { ...manifestOf(context, plan, contributions, object), ids: await writeOutputIds(context, ids) };
  const { store, output, manifestEtag, signal } = context;
  try {
    await writeManifest(store, output, manifest, { condition: asPlanned(manifestEtag), signal });
  } catch (error) {
    if (!isPreconditionFailed(error)) throw error;
    // Another attempt has accounted for the same output, or a newer run for its own: this one's account is of no use then.
    const earlier = await findAccount(context);
    if (earlier) return earlier;
    throw new RunFailure('DestinationChanged', `The manifest of ${context.destination} was written by another run`);
  }
  return finish(context, manifest);
}

/** What an earlier attempt published, if it came as far as the manifest; its last steps are done again. */
export async function findAccount(context: MergeContext): Promise<MergeSummary | undefined> {
  const { store, output, plan, signal } = context;
  const present = await headObject(store, output.object, signal);
  if (!present || !isOurs(present, plan)) return undefined;
  const manifest = await readManifest(store, output, signal);
  return manifest?.etag === present.etag ? finish(context, manifest) : undefined;
}

async function finish(context: MergeContext, manifest: Manifest): Promise<MergeSummary> {
  const { store, output, reportEtag, signal, onWarning } = context;
  await writeReport(store, output, manifest, { condition: asPlanned(reportEtag), signal }, onWarning);
  await deletePlanAndCommits(context);
  const { leads, duplicates, bytes } = manifest;
  return { manifest: formatS3Url(output.manifest), leads, duplicates, bytes };
}

/**
 * What is published is neither planned nor taken over again, even if the clean-up that follows should fail: the commit records
 * are deleted, and last the plan, without which nobody would know of them. Where another run has planned anew, all is its.
 */
async function deletePlanAndCommits({ store, run, plan, halved, signal }: MergeContext): Promise<void> {
  const found = await findPlan(store, plan, signal);
  if (found?.ref.sha256 !== plan.sha256) return;
  await deleteCommits(store, run, windowsOf(found.record, halved), signal);
  await deleteObjects(store, run.bucket, [run.plan], signal);
}

function manifestOf(
  { workflowId, runId, destination, lostCreates, warnings, takenOver }: MergeContext,
  { instance, startAt, endAt, windowOverlapSeconds, fields }: PlanRecord,
  contributions: readonly Contribution[],
  { bytes, etag, crc32 }: PublishedObject,
): Manifest {
  return {
    version: 2,
    workflowId,
    runId,
    instance,
    startAt,
    endAt,
    windowOverlapSeconds,
    fields: contributions.find(({ record }) => record.part)?.record.part?.columns ?? fields,
    destination,
    leads: contributions.reduce((sum, { leads }) => sum + leads, 0),
    duplicates: contributions.reduce((sum, { duplicates }) => sum + duplicates, 0),
    bytes,
    etag,
    crc32: hex(crc32),
    publishedAt: new Date().toISOString(),
    lostCreates,
    warnings: [...new Set([...warnings, ...contributions.flatMap(({ record }) => record.warnings)])],
    windows: contributions.map((contribution) => manifestWindow(contribution, new Set(takenOver))),
  };
}

function manifestWindow({ record, leads, duplicates }: Contribution, takenOver: ReadonlySet<string>): ManifestWindow {
  const { startAt, endAt, exportId, records, part, queuedAt, startedAt, finishedAt, verifiedAt } = record;
  return {
    startAt,
    endAt,
    exportId,
    records,
    leads,
    duplicates,
    bytes: part?.bytes ?? 0,
    ...defined({ sha256: part?.sha256, bodyCrc32: part && hex(part.bodyCrc32), queuedAt, startedAt, finishedAt }),
    verifiedAt,
    takenOver: takenOver.has(startAt),
  };
}

/** A CRC-32 as 8 hex digits. */
function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

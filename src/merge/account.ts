import type { MergeSummary } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import type { Manifest } from '../contract/manifest.js';
import { RunFailure } from '../contract/failures.js';
import type { OutputSchema } from '../contract/output-schema.js';
import { windowsOf } from '../contract/windows.js';
import { deleteCommits } from '../parts/commit-record.js';
import { findPlan } from '../plan/plan-record.js';
import { writeReport } from '../report/write-report.js';
import { deleteObjects, headObject } from '../storage/objects.js';
import { isPreconditionFailed } from '../storage/s3-errors.js';
import { formatS3Url } from '../storage/s3-url.js';
import { keepBaseCsv } from './base-csv.js';
import { keepChanges } from './changes.js';
import { readManifest, writeManifest } from './manifest-file.js';
import { manifestOf, type MadeOutput } from './manifest-of.js';
import { rowsInOrder } from './merge-all.js';
import { asPlanned, type MergeContext } from './merge-context.js';
import { outputColumns } from './output-columns.js';
import { writeOutputIds } from './output-ids.js';
import { isOurs } from './publish.js';
import { writeSchema } from './schema-file.js';
import { readStaged } from './staged.js';

/**
 * Accounts for a published output: schema, id set, manifest, then report, then what the parts were kept for is deleted. The
 * manifest comes after the others, so that who reads a new manifest finds the schema and the ids of the same output.
 *
 * @returns what the run tells of it
 */
export async function account(context: MergeContext, made: MadeOutput): Promise<MergeSummary> {
  const { store, run, output, accountEtags, signal } = context;
  const { plan, merged } = made;
  const columns = outputColumns(plan, rowsInOrder(merged));
  const { parquet } = await readStaged(store, run);
  const { instance, endAt } = plan;
  const schema: OutputSchema = { version: 1, instance, destination: context.destination, endAt, columns };
  let manifest: Manifest;
  try {
    await writeSchema(store, output, schema, { condition: asPlanned(accountEtags.schema), signal });
    const ids = await writeOutputIds(context, merged.ids);
    const baseCsv = await keepBaseCsv(context, plan);
    const keptChanges = await keepChanges(context, plan);
    manifest = manifestOf(context, made, { columns, uncast: parquet?.uncast, ids, baseCsv, keptChanges });
    await writeManifest(store, output, manifest, { condition: asPlanned(accountEtags.manifest), signal });
  } catch (error) {
    if (!isPreconditionFailed(error)) throw error;
    // Another attempt has accounted for the same output, or a newer run for its own: this one's account is of no use then.
    const earlier = await findAccount(context);
    if (earlier) return earlier;
    throw new RunFailure('DestinationChanged', `What lies beside ${context.destination} was written by another run`);
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
  const { store, output, accountEtags, signal, onWarning } = context;
  await writeReport(store, output, manifest, { condition: asPlanned(accountEtags.report), signal }, onWarning);
  await deletePlanAndCommits(context);
  const { leads, duplicates, bytes, changes } = manifest;
  return { manifest: formatS3Url(output.manifest), leads, duplicates, bytes, ...defined({ changes }) };
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

import type { MergeSummary } from '../contract/activities.js';
import type { Column } from '../contract/columns.js';
import type { Manifest, ManifestWindow } from '../contract/manifest.js';
import { defined } from '../contract/defined.js';
import { RunFailure } from '../contract/failures.js';
import { formatOf } from '../contract/format.js';
import type { OutputSchema } from '../contract/output-schema.js';
import { windowsOf } from '../contract/windows.js';
import type { IdSet } from '../csv/id-set.js';
import type { LineEnd } from '../csv/header.js';
import { deleteCommits } from '../parts/commit-record.js';
import { findPlan, type PlanRecord } from '../plan/plan-record.js';
import { readManifest, writeManifest } from './manifest-file.js';
import { writeOutputIds, type OutputIds } from './output-ids.js';
import { writeReport } from '../report/write-report.js';
import { deleteObjects, headObject } from '../storage/objects.js';
import { formatS3Url } from '../storage/s3-url.js';
import { isPreconditionFailed } from '../storage/s3-errors.js';
import { outputColumns } from './output-columns.js';
import type { Contribution } from './deduplicate.js';
import { asPlanned, type MergeContext } from './merge-context.js';
import { writeSchema } from './schema-file.js';
import { isOurs, type PublishedObject } from './publish.js';
import { readStaged } from './staged.js';

/**
 * Accounts for a published output: schema, id set, manifest, then report, then what the parts were kept for is deleted. The
 * manifest comes after the others, so that who reads a new manifest finds the schema and the ids of the same output.
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
  const { store, run, output, accountEtags, signal } = context;
  const columns = outputColumns(plan, contributions);
  const { parquet } = await readStaged(store, run);
  const { instance, endAt } = plan;
  const schema: OutputSchema = { version: 1, instance, destination: context.destination, endAt, columns };
  let manifest: Manifest;
  try {
    await writeSchema(store, output, schema, { condition: asPlanned(accountEtags.schema), signal });
    const told = { columns, uncast: parquet?.uncast, ids: await writeOutputIds(context, ids) };
    manifest = manifestOf(context, plan, contributions, object, told);
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
  const { leads, duplicates, mended, bytes } = manifest;
  return { manifest: formatS3Url(output.manifest), leads, duplicates, mended, bytes };
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

/** What a manifest tells that is known once the output is there. */
interface Told {
  readonly columns: readonly Column[];
  readonly uncast: Manifest['uncast'];
  readonly ids: OutputIds;
}

function manifestOf(
  { workflowId, runId, destination, lostCreates, warnings, takenOver }: MergeContext,
  { instance, startAt, endAt, windowOverlapSeconds, quoting }: PlanRecord,
  contributions: readonly Contribution[],
  { bytes, etag, crc32 }: PublishedObject,
  { columns, uncast, ids }: Told,
): Manifest {
  const format = formatOf(destination);
  return {
    version: 2,
    workflowId,
    runId,
    instance,
    startAt,
    endAt,
    windowOverlapSeconds,
    format,
    columns: columns.map(({ name, dataType, type }) => ({ name, dataType, type })),
    ...(format === 'parquet' && { uncast: uncast ?? {} }),
    destination,
    quoting,
    leads: contributions.reduce((sum, { leads }) => sum + leads, 0),
    duplicates: contributions.reduce((sum, { duplicates }) => sum + duplicates, 0),
    mended: contributions.reduce((sum, { mended }) => sum + mended, 0),
    bytes,
    etag,
    crc32: hex(crc32),
    ids,
    publishedAt: new Date().toISOString(),
    lostCreates,
    warnings: [
      ...new Set([
        ...warnings,
        ...contributions.flatMap(({ record }) => record.warnings),
        ...lineEndWarnings(contributions),
      ]),
    ],
    windows: contributions.map((contribution) => manifestWindow(contribution, new Set(takenOver))),
  };
}

function manifestWindow(
  { record, leads, duplicates, mended }: Contribution,
  takenOver: ReadonlySet<string>,
): ManifestWindow {
  const { startAt, endAt, exportId, records, part, queuedAt, startedAt, finishedAt, verifiedAt } = record;
  return {
    startAt,
    endAt,
    exportId,
    records,
    leads,
    duplicates,
    mended,
    bytes: part?.bytes ?? 0,
    ...defined({ sha256: part?.sha256, bodyCrc32: part && hex(part.bodyCrc32), queuedAt, startedAt, finishedAt }),
    verifiedAt,
    takenOver: takenOver.has(startAt),
  };
}

/** A sentence for each file whose rows end otherwise than the output's do. */
function lineEndWarnings(contributions: readonly Contribution[]): string[] {
  const files = contributions.flatMap(({ record: { startAt, part } }) => (part ? [{ startAt, ...part }] : []));
  const lineEnd = files[0]?.lineEnd;
  return files
    .filter((file) => file.lineEnd !== lineEnd)
    .map(
      (file) =>
        `The lines of the window ${file.startAt} end with ${NAMES[file.lineEnd]} in its file; ` +
        `in the output they end as those of the first window do`,
    );
}

const NAMES: Readonly<Record<LineEnd, string>> = { '\n': 'LF', '\r\n': 'CRLF' };

/** A CRC-32 as 8 hex digits. */
function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

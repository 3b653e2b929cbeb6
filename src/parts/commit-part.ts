import type { CompletedJob, TransferOutcome } from '../contract/activities.js';
import type { Window } from '../contract/windows.js';
import { checkFirstRecords } from '../csv/first-records.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { fieldsSha256, sha256, type PlanRecord } from '../plan/plan-record.js';
import { putBytes } from '../storage/objects.js';
import { belongsTo, readCommit, writeCommit, type CommitRecord, type CommittedPart } from './commit-record.js';
import { partNames, type PartNames, type RunNames } from './output-names.js';
import { FileMismatchError, type Contents } from './part-verifier.js';
import { readBack, storePart, type StoreContext, type StoredFile } from './store-part.js';

/** Downloads of one job's file before the file itself is taken to be bad. */
const FETCHES_PER_JOB = 2;

/** The file is exactly what Marketo says, and still cannot be what it should be: no other download or job will help. */
export class UnusableFileError extends Error {
  override readonly name = 'UnusableFileError';
}

export interface CommitContext extends Omit<StoreContext, 'location' | 'exportId' | 'file'> {
  readonly run: RunNames;
  readonly plan: PlanRecord;
  readonly window: Window;
  readonly job: CompletedJob;
  readonly onWarning: (message: string) => void;
}

/**
 * Brings a completed job's file to S3 and commits it: the part, its id set, and last the commit record, without which
 * nothing counts. Done again for a job that is committed already, it changes nothing. A job without records commits a
 * window without a part; nothing is fetched for it.
 *
 * @throws UnusableFileError if the number of records cannot be made to agree with Marketo's, or an id is none
 */
export async function commitPart(context: CommitContext): Promise<TransferOutcome> {
  const { store, run, plan, window, job } = context;
  const committed = await readCommit(store, run, window);
  if (committed?.exportId === job.exportId && belongsTo(committed, plan, window)) return verified(committed);
  if ((job.numberOfRecords ?? job.fileSize) === 0) return verified(await commit(context, 0, undefined));
  for (let fetches = 1; ; fetches++) {
    try {
      return verified(await commitFile(context, partNames(run, window, job.exportId)));
    } catch (error) {
      if (error instanceof MarketoError && error.action === 'jobGone')
        return { outcome: 'redo', reason: error.message };
      if (!(error instanceof FileMismatchError)) throw error;
      if (fetches >= FETCHES_PER_JOB) return { outcome: 'redo', reason: error.message };
      context.onWarning(`${error.message}. The file is fetched again`);
    }
  }
}

async function commitFile(context: CommitContext, names: PartNames): Promise<CommitRecord> {
  const { store, run, job } = context;
  const { fileSize, sha256: fileSha256 } = job;
  if (fileSize === undefined || fileSha256 === undefined)
    throw new UnusableFileError('Marketo told no size or checksum');
  const storing: StoreContext = {
    ...context,
    exportId: job.exportId,
    location: { bucket: run.bucket, key: names.part },
    file: { fileBytes: fileSize, sha256: fileSha256 },
  };
  const { etag, bytes, contents } = await storeAndAgree(storing, job.numberOfRecords);
  try {
    // Neither its header nor its line end says anything about the others then.
    if (contents.records === 0) return await commit(context, 0, undefined);
    const ids = contents.ids.serialize();
    await putBytes(store, { bucket: run.bucket, key: names.ids }, ids, {});
    return await commit(context, contents.records, {
      key: names.part,
      etag,
      bytes,
      fileBytes: fileSize,
      sha256: fileSha256,
      headerBytes: contents.header.length,
      headerSha256: sha256(contents.header),
      bodyCrc32: contents.bodyCrc32,
      idsKey: names.ids,
      idsSha256: sha256(ids),
      cardinality: contents.ids.cardinality,
      duplicatesInside: contents.records - contents.ids.cardinality,
      quoting: contents.quoting,
    });
  } finally {
    contents.ids.dispose();
  }
}

/**
 * Stores the part and makes sure that its records are as many as Marketo says. If they are not although the bytes are right,
 * the quotes may be meant the other way: the part is read again by strict RFC 4180.
 */
async function storeAndAgree(
  context: StoreContext,
  wanted: number | undefined,
): Promise<StoredFile & { readonly contents: Contents }> {
  const stored = await storePart(context);
  const tolerant = agreed(stored.contents, wanted);
  if (!('problem' in tolerant)) return { ...stored, contents: tolerant };
  const again = await readBack(context, 'strict');
  const strict = agreed(again.contents, wanted);
  if (!('problem' in strict)) return { ...again, contents: strict };
  throw new UnusableFileError(
    `The file has the size and checksum that Marketo told, but not ${wanted ?? 'readable'} records: ${tolerant.problem}; ` +
      `by strict RFC 4180: ${strict.problem}`,
  );
}

/** Contents that Marketo's number and csv-parse agree with, or what they say instead. */
function agreed(contents: StoredFile['contents'], wanted: number | undefined): StoredFile['contents'] {
  if ('problem' in contents) return contents;
  const problem = problemOf(contents, wanted);
  if (problem === undefined) return contents;
  contents.ids.dispose();
  return { problem };
}

function problemOf(contents: Contents, wanted: number | undefined): string | undefined {
  const { records, sample, quoting } = contents;
  if (wanted !== undefined && records !== wanted) return `${records} records were counted`;
  const check = checkFirstRecords(sample, quoting);
  if (check.outcome === 'agree' || check.outcome === 'unreadable') return undefined;
  return `csv-parse reads its first records differently: ${check.outcome}`;
}

async function commit(context: CommitContext, records: number, part: CommittedPart | undefined): Promise<CommitRecord> {
  const { store, run, plan, window, job } = context;
  const record: CommitRecord = {
    version: 1,
    instance: plan.instance,
    startAt: window.startAt,
    endAt: window.endAt,
    fieldsSha256: fieldsSha256(plan.fields),
    exportId: job.exportId,
    records,
    ...(part && { part }),
    ...(job.queuedAt !== undefined && { queuedAt: job.queuedAt }),
    ...(job.startedAt !== undefined && { startedAt: job.startedAt }),
    ...(job.finishedAt !== undefined && { finishedAt: job.finishedAt }),
    verifiedAt: new Date().toISOString(),
  };
  await writeCommit(store, run, window, record);
  return record;
}

function verified({ exportId, records, part }: CommitRecord): TransferOutcome {
  return { outcome: 'verified', part: { exportId, records, bytes: part?.fileBytes ?? 0 } };
}

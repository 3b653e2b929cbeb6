import { sha256 } from '../bytes/sha256.js';
import type { CompletedJob, TransferOutcome } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import { RunFailure } from '../contract/failures.js';
import type { Window } from '../contract/windows.js';
import { checkFirstRecords } from '../csv/first-records.js';
import { readHeader } from '../csv/header.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { fieldsSha256, type PlanRecord } from '../plan/plan-record.js';
import { putBytes } from '../storage/objects.js';
import { belongsTo, readCommit, writeCommit, type CommitRecord, type CommittedPart } from './commit-record.js';
import { partNames, type PartNames, type RunNames } from './output-names.js';
import { FileMismatchError, type Contents } from './part-verifier.js';
import { readBack, type StoredPart } from './read-back.js';
import { storePart } from './store-part.js';
import type { StoreContext, TransferContext } from './transfer-context.js';

/** Downloads of one job's file before the file itself is taken to be bad. */
const FETCHES_PER_JOB = 2;

export interface CommitContext extends TransferContext {
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
 * @throws RunFailure `WindowFailed` if the number of records cannot be made to agree with Marketo's, or a record has no
 * valid id: the file is exactly what Marketo says, and no other download or job will help
 */
export async function commitPart(context: CommitContext): Promise<TransferOutcome> {
  const { store, run, plan, window, job } = context;
  const committed = await readCommit(store, run, window);
  if (committed?.exportId === job.exportId && belongsTo(committed, plan, window)) return verified(committed);
  if ((job.records ?? job.bytes) === 0) return verified(await commit(context, 0, undefined));
  for (let fetches = 1; ; fetches++) {
    try {
      return verified(await commitFile(context, partNames(run, window, job.exportId)));
    } catch (error) {
      if (error instanceof MarketoError && error.action === 'jobGone') return redo(error);
      if (!(error instanceof FileMismatchError)) throw error;
      if (fetches >= FETCHES_PER_JOB) return redo(error);
      context.onWarning(`${error.message}. The file is fetched again`);
    }
  }
}

async function commitFile(context: CommitContext, names: PartNames): Promise<CommitRecord> {
  const { store, run, job } = context;
  const { bytes, sha256: fileSha256 } = job;
  if (bytes === undefined || fileSha256 === undefined) {
    throw new RunFailure('WindowFailed', 'Marketo told no size or checksum');
  }
  const { etag, partBytes, contents } = await storeAndAgree(
    {
      ...context,
      exportId: job.exportId,
      location: { bucket: run.bucket, key: names.part },
      file: { bytes, sha256: fileSha256 },
    },
    job.records,
  );
  try {
    // Neither its header nor its line end says anything about the others then.
    if (contents.records === 0) return await commit(context, 0, undefined);
    const ids = contents.ids.serialize();
    return await commit(context, contents.records, {
      key: names.part,
      etag,
      partBytes,
      bytes,
      sha256: fileSha256,
      headerBytes: contents.header.length,
      headerSha256: sha256(contents.header),
      bodyCrc32: contents.bodyCrc32,
      idsKey: names.ids,
      idsEtag: await putBytes(store, { bucket: run.bucket, key: names.ids }, ids),
      idsBytes: ids.length,
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
): Promise<StoredPart & { readonly contents: Contents }> {
  const stored = await storePart(context);
  const tolerant = agreed(stored.contents, wanted);
  if (!('problem' in tolerant)) return { ...stored, contents: tolerant };
  const again = await readBack(context, 'strict');
  const strict = agreed(again.contents, wanted);
  if (!('problem' in strict)) return { ...again, contents: strict };
  throw new RunFailure(
    'WindowFailed',
    `The file has the size and checksum that Marketo told, but not ${wanted ?? 'readable'} records: ${tolerant.problem}; ` +
      `by strict RFC 4180: ${strict.problem}`,
  );
}

/** Contents that Marketo's number and csv-parse agree with, or what they say instead. */
function agreed(contents: StoredPart['contents'], wanted: number | undefined): StoredPart['contents'] {
  if ('problem' in contents) return contents;
  const problem = problemOf(contents, wanted);
  if (problem === undefined) return contents;
  contents.ids.dispose();
  return { problem };
}

function problemOf({ records, sample, header, quoting }: Contents, wanted: number | undefined): string | undefined {
  if (wanted !== undefined && records !== wanted) return `${records} records were counted`;
  const { outcome } = checkFirstRecords(sample, readHeader(header).length, quoting);
  if (outcome === 'agree' || outcome === 'unreadable') return undefined;
  return `csv-parse reads its first records differently: ${outcome}`;
}

async function commit(context: CommitContext, records: number, part: CommittedPart | undefined): Promise<CommitRecord> {
  const { marketo, store, run, plan, window, job } = context;
  const { exportId, queuedAt, startedAt, finishedAt } = job;
  const record: CommitRecord = {
    version: 2,
    // Whose file it is, whatever the plan says.
    instance: marketo.instanceHost,
    startAt: window.startAt,
    endAt: window.endAt,
    fieldsSha256: fieldsSha256(plan.fields),
    exportId,
    records,
    ...defined({ part, queuedAt, startedAt, finishedAt }),
    verifiedAt: new Date().toISOString(),
  };
  await writeCommit(store, run, window, record);
  return record;
}

function verified({ records, part }: CommitRecord): TransferOutcome {
  return { outcome: 'verified', part: { records, bytes: part?.bytes ?? 0 } };
}

function redo({ message }: Error): TransferOutcome {
  return { outcome: 'redo', reason: message };
}

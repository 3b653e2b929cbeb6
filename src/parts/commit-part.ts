import { sha256 } from '../bytes/sha256.js';
import type { CompletedJob, TransferOutcome } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import { RunFailure } from '../contract/failures.js';
import type { Window } from '../contract/windows.js';
import { sameColumns, withoutMark } from '../csv/header.js';
import { MarketoError } from '../marketo/marketo-errors.js';
import { fieldsSha256, type PlanRecord } from '../plan/plan-record.js';
import { putBytes } from '../storage/objects.js';
import { storeAndAgree } from './agreed-part.js';
import { belongsTo, readCommit, writeCommit, type CommitRecord, type CommittedPart } from './commit-record.js';
import { fileWarnings } from './file-warnings.js';
import { partNames, type PartNames, type RunNames } from './output-names.js';
import { FileMismatchError } from './part-verifier.js';
import type { TransferContext } from './transfer-context.js';

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
 * @throws RunFailure `WindowFailed` if the number of records cannot be made to agree with Marketo's, a record has no valid id,
 * or a named field is missing: the file is exactly what Marketo says, and no other download or job will help
 */
export async function commitPart(context: CommitContext): Promise<TransferOutcome> {
  const { marketo, store, run, plan, window, job } = context;
  const committed = await readCommit(store, run, window);
  const isCommitted = committed?.exportId === job.exportId && committed.instance === marketo.instanceHost;
  if (isCommitted && belongsTo(committed, plan, window)) return verified(committed);
  if (hasNoRecords(job, plan.fields)) return verified(await commit(context, 0, [], undefined));
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

/**
 * Whether there is nothing to fetch: Marketo tells no records, and no file that is longer than a header line of these fields.
 * Where the two contradict each other, the file decides.
 */
function hasNoRecords({ records, bytes = 0 }: CompletedJob, fields: readonly string[]): boolean {
  if (bytes === 0) return (records ?? 0) === 0;
  // Names in quotes, delimiters, CRLF and a byte order mark.
  const longestHeader = fields.reduce(
    (sum, name) => sum + Buffer.byteLength(name) + '"",'.length,
    '\uFEFF\r\n'.length + 2,
  );
  return records === 0 && bytes <= longestHeader;
}

async function commitFile(context: CommitContext, names: PartNames): Promise<CommitRecord> {
  const { store, run, plan, job, signal } = context;
  const { bytes, sha256: fileSha256 } = job;
  if (bytes === undefined || fileSha256 === undefined) {
    throw new RunFailure('WindowFailed', 'Marketo told no size or no checksum of the file');
  }
  const file = { bytes, sha256: fileSha256 };
  const location = { bucket: run.bucket, key: names.part };
  const stored = await storeAndAgree({ ...context, exportId: job.exportId, location, file }, job.records);
  const { contents } = stored;
  try {
    const warnings = fileWarnings(plan, file, stored);
    // Neither its header nor its line end says anything about the others then.
    if (contents.records === 0) return await commit(context, 0, warnings, undefined);
    const ids = contents.ids.serialize();
    const header = withoutMark(contents.header);
    const sameAsFields = sameColumns(contents.columnNames, plan.fields).outcome === 'same';
    return await commit(context, contents.records, warnings, {
      key: names.part,
      etag: stored.etag,
      partBytes: stored.partBytes,
      bytes: stored.bytes,
      sha256: fileSha256,
      headerStart: contents.header.length - header.length,
      bodyStart: contents.header.length,
      headerSha256: sha256(header),
      ...defined({ columns: sameAsFields ? undefined : [...contents.columnNames] }),
      emptyLines: contents.emptyLines,
      bodyCrc32: contents.bodyCrc32,
      idsKey: names.ids,
      idsEtag: await putBytes(store, { bucket: run.bucket, key: names.ids }, ids, { signal }),
      idsBytes: ids.length,
      idsSha256: sha256(ids),
      cardinality: contents.ids.cardinality,
      duplicatesInside: contents.records - contents.ids.cardinality,
      quoteRule: contents.quoteRule,
      unreadableRecords: contents.unreadableRecords,
      lineEnd: contents.lineEnd,
    });
  } finally {
    contents.ids.dispose();
  }
}

async function commit(
  context: CommitContext,
  records: number,
  warnings: readonly string[],
  part: CommittedPart | undefined,
): Promise<CommitRecord> {
  const { marketo, store, run, plan, window, job, signal } = context;
  const { exportId, queuedAt, startedAt, finishedAt } = job;
  const record: CommitRecord = {
    version: 2,
    // Whose file it is, whatever the plan says.
    instance: marketo.instanceHost,
    startAt: window.startAt,
    endAt: window.endAt,
    ...defined({ updated: window.updated }),
    fieldsSha256: fieldsSha256(plan.fields),
    exportId,
    records,
    warnings: [...warnings],
    ...defined({ part, queuedAt, startedAt, finishedAt }),
    verifiedAt: new Date().toISOString(),
  };
  await writeCommit(store, run, window, record, signal);
  return record;
}

function verified({ records, part, warnings }: CommitRecord): TransferOutcome {
  return { outcome: 'verified', part: { records, bytes: part?.bytes ?? 0, warnings } };
}

function redo({ message }: Error): TransferOutcome {
  return { outcome: 'redo', reason: message };
}

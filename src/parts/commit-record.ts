import pLimit from 'p-limit';
import { z } from 'zod';
import { windowName, type Window } from '../contract/windows.js';
import { fieldsSha256, type PlanRecord } from '../plan/plan-record.js';
import { readJson, writeJson } from '../storage/json-record.js';
import { deleteObjects } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import { windowNames, type RunNames, type WindowId } from './output-names.js';

const hex = (digits: number): z.ZodString => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const bytes = z.int().min(0);

const partSchema = z.object({
  key: z.string(),
  etag: z.string(),
  /** Size of the part in S3: the file's, and a line end where the file's last line lacked one. */
  partBytes: bytes,
  /** Size and SHA-256 of the file as Marketo told them and as they were received. */
  bytes,
  sha256: hex(64),
  /** Where header and body begin: a byte order mark before the header belongs to neither. */
  headerStart: bytes,
  bodyStart: bytes,
  headerSha256: hex(64),
  /** The column names; absent where they are the plan's fields. */
  columns: z.array(z.string()).exactOptional(),
  /** Lines of nothing but their line end: a part that has any is not copied as it is. */
  emptyLines: z.int().min(0),
  /** CRC-32 of the part after its header. */
  bodyCrc32: z.int().min(0).max(0xffffffff),
  idsKey: z.string(),
  idsEtag: z.string(),
  idsBytes: bytes,
  idsSha256: hex(64),
  /** Distinct ids: `records = cardinality + duplicatesInside`. */
  cardinality: z.int().min(0),
  duplicatesInside: z.int().min(0),
  /** How quotes were read when the records agreed with Marketo's number. */
  quoteRule: z.enum(['tolerant', 'strict', 'closing']),
  /** Records that readers of RFC 4180 cannot read, or read otherwise: a part that has any is not copied as it is, unless asked to. */
  unreadableRecords: z.int().min(0),
  /** What the header ends with, and all readable records. */
  lineEnd: z.enum(['\n', '\r\n']),
});

/** See {@link CommitRecord}. */
export const commitSchema = z.object({
  version: z.literal(2),
  /** Host of the instance that the file came from. */
  instance: z.string(),
  startAt: z.string(),
  endAt: z.string(),
  /** True for a window of changes. */
  updated: z.literal(true).exactOptional(),
  fieldsSha256: hex(64),
  exportId: z.string(),
  records: z.int().min(0),
  /** What is odd about the file, one sentence each. */
  warnings: z.array(z.string()),
  /** Absent for a window without leads. */
  part: partSchema.exactOptional(),
  queuedAt: z.string().exactOptional(),
  startedAt: z.string().exactOptional(),
  finishedAt: z.string().exactOptional(),
  verifiedAt: z.iso.datetime(),
});

/** Evidence that a window's file was verified: written last, and nothing else counts. */
export type CommitRecord = Readonly<z.infer<typeof commitSchema>>;

/** The verified object of a window that has leads. */
export type CommittedPart = NonNullable<CommitRecord['part']>;

/** Records that are read at once: a run may have hundreds, and each is a round trip. */
const READS_AT_ONCE = 16;

export async function writeCommit(
  store: ObjectStore,
  run: RunNames,
  window: Window,
  record: CommitRecord,
  signal?: AbortSignal,
): Promise<void> {
  await writeJson(store, { bucket: run.bucket, key: windowNames(run, window).commit }, record, { signal });
}

/** The commit record of a window, or `null` where there is none or none that can be read. */
export async function readCommit(store: ObjectStore, run: RunNames, window: WindowId): Promise<CommitRecord | null> {
  const found = await readJson(store, { bucket: run.bucket, key: windowNames(run, window).commit }, commitSchema);
  return found && found.value;
}

/** The commit records of windows, in their order, read many at once. */
export function readCommits(
  store: ObjectStore,
  run: RunNames,
  windows: readonly WindowId[],
): Promise<(CommitRecord | null)[]> {
  const limit = pLimit(READS_AT_ONCE);
  return Promise.all(windows.map((window) => limit(() => readCommit(store, run, window))));
}

/** Whether a record speaks of this window under this plan: same instance, range and fields. */
export function belongsTo(record: CommitRecord, plan: PlanRecord, window: Window): boolean {
  return (
    record.instance === plan.instance &&
    windowName(record) === windowName(window) &&
    record.endAt === window.endAt &&
    record.fieldsSha256 === fieldsSha256(plan.fields)
  );
}

/**
 * What parts of one output have in common, as one value: the names of their columns, and with `asIs` their headers byte for
 * byte, which includes the line end.
 */
export function headerInCommon({ quoting, fields }: PlanRecord, { columns, headerSha256 }: CommittedPart): string {
  return quoting === 'asIs' ? headerSha256 : fieldsSha256(columns ?? fields);
}

/** Deletes every commit record of the run: what is published is not taken over again. */
export async function deleteCommits(
  store: ObjectStore,
  run: RunNames,
  windows: readonly Window[],
  signal?: AbortSignal,
): Promise<void> {
  await deleteObjects(
    store,
    run.bucket,
    windows.map((window) => windowNames(run, window).commit),
    signal,
  );
}

import { z } from 'zod';
import type { Window } from '../contract/windows.js';
import { deleteObjects, getBytes, headObject, listKeys, putBytes } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import { windowNames, type RunNames } from './output-names.js';
import { fieldsSha256, type PlanRecord } from '../plan/plan-record.js';

const hex = (digits: number): z.ZodString => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const bytes = z.int().min(0);

const partSchema = z.object({
  key: z.string(),
  etag: z.string(),
  /** Size of the part in S3: the file's, and a line end where the file's last line lacked one. */
  bytes,
  /** Size and SHA-256 of the file as Marketo told them and as they were received. */
  fileBytes: bytes,
  sha256: hex(64),
  headerBytes: bytes,
  headerSha256: hex(64),
  /** CRC-32 of the part after its header. */
  bodyCrc32: z.int().min(0).max(0xffffffff),
  idsKey: z.string(),
  idsSha256: hex(64),
  /** Distinct ids: `records = cardinality + duplicatesInside`. */
  cardinality: z.int().min(0),
  duplicatesInside: z.int().min(0),
  /** How quotes were read when the records agreed with Marketo's number. */
  quoting: z.enum(['tolerant', 'strict', 'closing']),
});

const schema = z.object({
  version: z.literal(1),
  instance: z.string(),
  startAt: z.string(),
  endAt: z.string(),
  fieldsSha256: hex(64),
  exportId: z.string(),
  records: z.int().min(0),
  /** Absent for a window without leads. */
  part: partSchema.optional(),
  queuedAt: z.string().optional(),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
  verifiedAt: z.iso.datetime(),
});

/** Evidence that a window's file was verified: written last, and nothing else counts. */
export type CommitRecord = Readonly<z.infer<typeof schema>>;

/** The verified object of a window that has leads. */
export type CommittedPart = NonNullable<CommitRecord['part']>;

/** Marketo keeps an export file for 7 days (Adobe: Bulk Extract, Limits); a part is not taken over for longer either. */
const TAKE_OVER_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

export async function writeCommit(
  store: ObjectStore,
  run: RunNames,
  window: Window,
  record: CommitRecord,
): Promise<void> {
  const key = windowNames(run, window).commit;
  await putBytes(store, { bucket: run.bucket, key }, Buffer.from(JSON.stringify(record)), {
    contentType: 'application/json',
  });
}

/** The commit record of a window, or `null` where there is none or none that can be read. */
export async function readCommit(store: ObjectStore, run: RunNames, window: Window): Promise<CommitRecord | null> {
  const data = await getBytes(store, { bucket: run.bucket, key: windowNames(run, window).commit });
  if (!data) return null;
  try {
    return schema.parse(JSON.parse(data.toString()));
  } catch {
    return null;
  }
}

/** Whether a record speaks of this window under this plan: same instance, range and fields. */
export function belongsTo(record: CommitRecord, plan: PlanRecord, window: Window): boolean {
  return (
    record.instance === plan.instance &&
    record.startAt === window.startAt &&
    record.endAt === window.endAt &&
    record.fieldsSha256 === fieldsSha256(plan.fields)
  );
}

/**
 * The records of an earlier run that this one may take over: they belong to the plan, are younger than 7 days, and their
 * objects are still there as they were.
 */
export async function findTakeOvers(
  store: ObjectStore,
  run: RunNames,
  plan: PlanRecord,
  windows: readonly Window[],
  now: Date,
): Promise<CommitRecord[]> {
  const present = new Set<string>();
  for await (const key of listKeys(store, run.bucket, run.prefix)) present.add(key);
  const found: CommitRecord[] = [];
  for (const window of windows) {
    if (!present.has(windowNames(run, window).commit)) continue;
    const record = await readCommit(store, run, window);
    if (!record || !belongsTo(record, plan, window)) continue;
    if (now.getTime() - Date.parse(record.verifiedAt) > TAKE_OVER_MILLISECONDS) continue;
    if (record.part && !(await isThere(store, run.bucket, record.part, present))) continue;
    found.push(record);
  }
  return found;
}

/** Deletes every commit record of the run: what is published is not taken over again. */
export async function deleteCommits(store: ObjectStore, run: RunNames, windows: readonly Window[]): Promise<void> {
  await deleteObjects(
    store,
    run.bucket,
    windows.map((window) => windowNames(run, window).commit),
  );
}

async function isThere(
  store: ObjectStore,
  bucket: string,
  part: CommittedPart,
  present: ReadonlySet<string>,
): Promise<boolean> {
  if (!present.has(part.idsKey)) return false;
  const head = await headObject(store, { bucket, key: part.key });
  return head?.etag === part.etag && head.bytes === part.bytes;
}

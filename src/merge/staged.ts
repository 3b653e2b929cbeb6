import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RunNames } from '../parts/output-names.js';
import type { CheckedRange, CheckedSource, Composed } from '../storage/compose.js';
import { readJson, writeJson } from '../storage/json-record.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  findUploads,
  type MultipartUpload,
} from '../storage/multipart-upload.js';
import type { ObjectStore } from '../storage/object-store.js';
import { headObject } from '../storage/objects.js';
import type { ObjectLocation } from '../storage/s3-url.js';
import { composeRanges, sizeAndCrc } from './compose-ranges.js';
import type { MergeContext } from './merge-context.js';

const stagedSchema = z.object({
  /** What it was made of, as one value. */
  source: z.string(),
  key: z.string(),
  etag: z.string(),
  bytes: z.int().min(0),
  crc32: z.int().min(0).max(0xffffffff),
  /** Of Parquet: values that do not read as their column's type, by column. */
  uncast: z.record(z.string(), z.int().min(1)).exactOptional(),
});

const schema = z.object({
  csv: stagedSchema.exactOptional(),
  gzip: stagedSchema.exactOptional(),
  parquet: stagedSchema.exactOptional(),
  /** What an update changes, where that is kept. */
  changes: stagedSchema.exactOptional(),
  gone: stagedSchema.exactOptional(),
});

/** A whole object that was made on the way to the output. */
export type Staged = Readonly<z.infer<typeof stagedSchema>>;

/** What was made on the way to the output, and verified: written last, and nothing else counts. */
export type StagedRecord = Readonly<z.infer<typeof schema>>;

/** How an object comes to be. */
interface Making {
  readonly kind: keyof StagedRecord;
  /** What it is made of, as one value: an object that was made of something else is of no use. */
  readonly source: string;
  /** Fills its upload. */
  readonly make: (upload: MultipartUpload) => Promise<Composed>;
  /** Looks at the object; what it finds is kept with it. @throws if it is not what it must be */
  readonly verify?: (object: Staged) => Promise<Pick<Staged, 'uncast'>>;
}

/**
 * An object on the way to the output: made, verified and written down, unless an earlier attempt did so. Each attempt makes
 * one of its own, so that one that was given up, and goes on for a while, takes nothing from the next.
 */
export async function stageOnce(context: MergeContext, { kind, source, make, verify }: Making): Promise<Staged> {
  const { store, run, signal } = context;
  const record = await readStaged(store, run);
  const earlier = record[kind];
  if (earlier?.source === source) {
    const head = await headObject(store, { bucket: run.bucket, key: earlier.key }, signal);
    if (head?.etag === earlier.etag) return earlier;
  }
  await abandonStaged(store, run, signal);
  const location = { bucket: run.bucket, key: `${run.stagedPrefix}${randomUUID()}.${kind}` };
  const upload = await createUpload(store, location, {}, signal);
  const made = { source, key: location.key, ...(await completed(context, upload, make)) };
  const staged = { ...made, ...(await verify?.(made)) };
  await writeJson(store, { bucket: run.bucket, key: run.staged }, { ...record, [kind]: staged }, { signal });
  return staged;
}

/** The whole output as one object of CSV. */
export function stageCsv(context: MergeContext, csv: readonly CheckedRange[]): Promise<Staged> {
  const { bytes, crc32 } = sizeAndCrc(csv);
  return stageOnce(context, {
    kind: 'csv',
    source: `${crc32} ${bytes}`,
    make: (upload) => composeRanges(context, upload, csv, []),
  });
}

/** Copies a staged CSV to where it is kept. What an attempt that died was copying there is aborted: only this run writes there now. */
export async function copyStaged(
  context: MergeContext,
  staged: Staged,
  location: ObjectLocation,
): Promise<Pick<Staged, 'bytes' | 'etag' | 'crc32'>> {
  const { store, signal } = context;
  for (const left of await findUploads(store, location.bucket, location.key, signal))
    await abortUpload(store, left, signal);
  const upload = await createUpload(store, location, { contentType: 'text/csv' }, signal);
  const { parts, bytes, crc32 } = await composeRanges(context, upload, [rangeOf(staged)], []);
  const { etag } = await completeUpload(store, upload, parts, undefined, crc32, signal);
  return { bytes, etag, crc32 };
}

/** All of a staged object, as a range to copy. */
export function rangeOf({ key, etag, bytes, crc32 }: Staged): CheckedSource {
  return { key, etag, start: 0, end: bytes, crc32 };
}

export async function readStaged(store: ObjectStore, run: RunNames): Promise<StagedRecord> {
  return (await readJson(store, { bucket: run.bucket, key: run.staged }, schema))?.value ?? {};
}

/** Aborts what is being staged; what is whole stays as it is. */
export async function abandonStaged(store: ObjectStore, run: RunNames, signal?: AbortSignal): Promise<void> {
  for (const upload of await findUploads(store, run.bucket, run.stagedPrefix, signal)) {
    await abortUpload(store, upload, signal);
  }
}

async function completed(
  { store, signal }: MergeContext,
  upload: MultipartUpload,
  make: (upload: MultipartUpload) => Promise<Composed>,
): Promise<Pick<Staged, 'etag' | 'bytes' | 'crc32'>> {
  try {
    const { parts, bytes, crc32 } = await make(upload);
    const { etag } = await completeUpload(store, upload, parts, undefined, crc32, signal);
    return { etag, bytes, crc32 };
  } catch (error) {
    // An attempt that was only interrupted leaves its upload to the next one; one that failed leaves nothing.
    if (!signal.aborted) await abortUpload(store, upload);
    throw error;
  }
}

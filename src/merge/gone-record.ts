import { z } from 'zod';
import { sha256 } from '../bytes/sha256.js';
import { IdSet } from '../csv/id-set.js';
import type { RunNames } from '../parts/output-names.js';
import { readJson, writeJson } from '../storage/json-record.js';
import type { ObjectStore } from '../storage/object-store.js';
import { getBytes, putBytes } from '../storage/objects.js';

const schema = z.object({
  /** From when on they are known, which says what they are of. */
  since: z.string(),
  /** Up to when. */
  until: z.string(),
  /** False once there was a time that Marketo did not tell of any more. */
  whole: z.boolean(),
  idsSha256: z.string(),
});

/** What a run knows of leads that were deleted or merged away. */
export type GoneRecord = Readonly<z.infer<typeof schema>>;

/** The record with its ids; whoever gets them disposes of them. */
export interface Gone {
  readonly record: GoneRecord;
  readonly ids: IdSet;
}

/** What was collected since a moment; nothing where nothing was, or what was is damaged. */
export async function readGone(store: ObjectStore, run: RunNames, since: string): Promise<Gone | undefined> {
  const record = (await readJson(store, { bucket: run.bucket, key: run.gone }, schema))?.value;
  if (record?.since !== since) return undefined;
  const bytes = await getBytes(store, { bucket: run.bucket, key: run.goneIds });
  return bytes && sha256(bytes) === record.idsSha256 ? { record, ids: IdSet.deserialize(bytes) } : undefined;
}

/** Writes ids, then the record of them. */
export async function writeGone(
  store: ObjectStore,
  run: RunNames,
  record: Omit<GoneRecord, 'idsSha256'>,
  ids: IdSet,
  signal?: AbortSignal,
): Promise<void> {
  const bytes = ids.serialize();
  await putBytes(store, { bucket: run.bucket, key: run.goneIds }, bytes, { signal });
  const location = { bucket: run.bucket, key: run.gone };
  await writeJson(store, location, { ...record, idsSha256: sha256(bytes) }, { signal });
}

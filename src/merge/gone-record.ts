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
  mergedSha256: z.string(),
});

/** What a run knows of leads that were deleted or merged away. */
export type GoneRecord = Readonly<z.infer<typeof schema>>;

/** Ids of leads that are gone. */
export interface GoneIds {
  readonly ids: IdSet;
  /** Those of them that were merged into another lead. */
  readonly merged: IdSet;
}

/** The record with its ids; whoever gets them disposes of them. */
export interface Gone extends GoneIds {
  readonly record: GoneRecord;
}

/** What was collected since a moment; nothing where nothing was, or what was is damaged. */
export async function readGone(store: ObjectStore, run: RunNames, since: string): Promise<Gone | undefined> {
  const record = (await readJson(store, { bucket: run.bucket, key: run.gone }, schema))?.value;
  if (record?.since !== since) return undefined;
  const [ids, merged] = await Promise.all(
    [run.goneIds, run.goneMergedIds].map((key) => getBytes(store, { bucket: run.bucket, key })),
  );
  if (!ids || !merged || sha256(ids) !== record.idsSha256 || sha256(merged) !== record.mergedSha256) return undefined;
  return { record, ids: IdSet.deserialize(ids), merged: IdSet.deserialize(merged) };
}

/** Frees the memory of the sets. */
export function disposeGone({ ids, merged }: GoneIds): void {
  ids.dispose();
  merged.dispose();
}

/** Writes ids, then the record of them. */
export async function writeGone(
  store: ObjectStore,
  run: RunNames,
  record: Omit<GoneRecord, 'idsSha256' | 'mergedSha256'>,
  gone: GoneIds,
  signal?: AbortSignal,
): Promise<void> {
  const [ids, merged] = [gone.ids.serialize(), gone.merged.serialize()];
  await putBytes(store, { bucket: run.bucket, key: run.goneIds }, ids, { signal });
  await putBytes(store, { bucket: run.bucket, key: run.goneMergedIds }, merged, { signal });
  const location = { bucket: run.bucket, key: run.gone };
  const told = { ...record, idsSha256: sha256(ids), mergedSha256: sha256(merged) };
  await writeJson(store, location, told, { signal });
}

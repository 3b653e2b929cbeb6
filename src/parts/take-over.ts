import pLimit from 'p-limit';
import { DAY_MILLISECONDS, TAKE_OVER_DAYS } from '../contract/limits.js';
import type { Window } from '../contract/windows.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { headObject, listKeys } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import { belongsTo, readCommits, type CommitRecord, type CommittedPart } from './commit-record.js';
import { windowNames, type RunNames } from './output-names.js';

/** Looks at parts that are made at once. */
const LOOKS_AT_ONCE = 16;

/**
 * The records of an earlier run that this one may take over: they belong to the plan, are younger than 60 days, and their
 * parts and id sets are still there as they were.
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
  const committed = windows.filter((window) => present.has(windowNames(run, window).commit));
  const records = await readCommits(store, run, committed);
  const limit = pLimit(LOOKS_AT_ONCE);
  const usable = await Promise.all(
    committed.map((window, index) =>
      limit(async () => {
        const record = records[index];
        if (!record || !belongsTo(record, plan, window)) return undefined;
        if (now.getTime() - Date.parse(record.verifiedAt) > TAKE_OVER_DAYS * DAY_MILLISECONDS) return undefined;
        return !record.part || (await isThere(store, run.bucket, record.part)) ? record : undefined;
      }),
    ),
  );
  return usable.filter((record) => record !== undefined);
}

/** Whether part and id set are the objects that were committed. */
async function isThere(store: ObjectStore, bucket: string, part: CommittedPart): Promise<boolean> {
  const [partHead, idsHead] = await Promise.all([
    headObject(store, { bucket, key: part.key }),
    headObject(store, { bucket, key: part.idsKey }),
  ]);
  return (
    partHead?.etag === part.etag &&
    partHead.bytes === part.partBytes &&
    idsHead?.etag === part.idsEtag &&
    idsHead.bytes === part.idsBytes
  );
}

import pLimit from 'p-limit';
import { DAY_MILLISECONDS, TAKE_OVER_DAYS } from '../contract/limits.js';
import { halvesOf, windowName, windowsOf, type Window } from '../contract/windows.js';
import type { PlanRecord } from '../plan/plan-record.js';
import { headObject, listKeys } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import { belongsTo, headerInCommon, readCommits, type CommitRecord, type CommittedPart } from './commit-record.js';
import { windowOf, type RunNames, type WindowId } from './output-names.js';

/** Looks at parts that are made at once. */
const LOOKS_AT_ONCE = 16;

/** What of an earlier run this one may use. */
export interface TakeOver {
  readonly records: readonly CommitRecord[];
  /** Windows that the earlier run replaced by their halves, of which it verified some. */
  readonly halved: readonly Window[];
}

/**
 * The records of an earlier run that this one may take over: they belong to the plan, are younger than 60 days, and their
 * parts and id sets are still there as they were. All parts have the header that one output needs: where the instance changed
 * its columns during the earlier run, the later ones count, since the windows that are exported now will have these.
 */
export async function findTakeOver(
  store: ObjectStore,
  run: RunNames,
  plan: PlanRecord,
  now: Date,
  signal?: AbortSignal,
): Promise<TakeOver> {
  const windows: WindowId[] = [];
  for await (const key of listKeys(store, run.bucket, run.prefix, signal)) {
    const window = windowOf(run, key);
    if (window) windows.push(window);
  }
  const committed = await readCommits(store, run, windows);
  const records = new Map(committed.flatMap((record) => (record ? [[windowName(record), record] as const] : [])));
  const found: CommitRecord[] = [];
  const halved: Window[] = [];
  for (const window of windowsOf(plan)) collect(window);
  const limit = pLimit(LOOKS_AT_ONCE);
  const alike = ofLatestHeader(found, plan);
  const there = await Promise.all(alike.map((record) => limit(() => isThere(store, run.bucket, record, signal))));
  return { records: alike.filter((_, index) => there[index] === true), halved };

  /** Takes a window's record, or those of its halves; whether there was any. */
  function collect(window: Window): boolean {
    const record = records.get(windowName(window));
    if (record && belongsTo(record, plan, window) && isYoung(record, now)) return found.push(record) > 0;
    const isInside = ({ startAt, updated }: WindowId): boolean =>
      updated === window.updated && startAt >= window.startAt && startAt <= window.endAt;
    if (!windows.some(isInside)) return false;
    const halves = halvesOf(window, plan.windowOverlapSeconds);
    const taken = halves?.map((half) => collect(half)).some(Boolean) === true;
    if (taken) halved.push(window);
    return taken;
  }
}

function isYoung({ verifiedAt }: CommitRecord, now: Date): boolean {
  return now.getTime() - Date.parse(verifiedAt) <= TAKE_OVER_DAYS * DAY_MILLISECONDS;
}

/** Records whose parts have the header of the one that was verified last, and those without a part. */
function ofLatestHeader(records: readonly CommitRecord[], plan: PlanRecord): CommitRecord[] {
  const latest = records
    .filter(({ part }) => part)
    .reduce<CommitRecord | undefined>(
      (last, one) => (last && last.verifiedAt > one.verifiedAt ? last : one),
      undefined,
    );
  const header = latest?.part && headerInCommon(plan, latest.part);
  return records.filter(({ part }) => !part || headerInCommon(plan, part) === header);
}

/** Whether part and id set are the objects that were committed. */
async function isThere(
  store: ObjectStore,
  bucket: string,
  { part }: CommitRecord,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return !part || (await isObject(store, bucket, part, signal));
}

async function isObject(
  store: ObjectStore,
  bucket: string,
  part: CommittedPart,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [partHead, idsHead] = await Promise.all([
    headObject(store, { bucket, key: part.key }, signal),
    headObject(store, { bucket, key: part.idsKey }, signal),
  ]);
  return (
    partHead?.etag === part.etag &&
    partHead.bytes === part.partBytes &&
    idsHead?.etag === part.idsEtag &&
    idsHead.bytes === part.idsBytes
  );
}

import { windowsOf, type Window } from '../src/contract/windows.js';
import { IdSet } from '../src/csv/id-set.js';
import { writeCommit, type CommitRecord } from '../src/parts/commit-record.js';
import { partNames, type RunNames } from '../src/parts/output-names.js';
import { sha256 } from '../src/bytes/sha256.js';
import { fieldsSha256, type PlanRecord } from '../src/plan/plan-record.js';
import { crc32 } from '../src/bytes/crc32.js';
import { completeUpload, createUpload } from '../src/storage/multipart-upload.js';
import { headObject, putBytes } from '../src/storage/objects.js';
import type { ObjectStore } from '../src/storage/object-store.js';
import { uploadPartBytes, UploadWriter } from '../src/storage/upload-writer.js';
import { FIRST_ID, type Rows } from './rows.js';

/** Which ids a part has: numbers from `first` on, `step` apart. */
export interface PartIds {
  readonly records: number;
  readonly first: number;
  readonly step: number;
}

/** Windows of 31 days and the plan's range that they fill; a thousand of them, 85 years, end before now. */
export function windowsFor(count: number): { readonly startAt: string; readonly endAt: string; windows: Window[] } {
  const startAt = '1935-01-01T00:00:00Z';
  const seconds = count * 31 * 86_400;
  const endAt = new Date(Date.parse(startAt) + (seconds - 1) * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return { startAt, endAt, windows: windowsOf({ startAt, endAt, windowOverlapSeconds: 0 }) };
}

/** Puts a part and its id set into S3 as a transfer leaves them, and returns the commit record that goes with them. */
export async function preparePart(
  store: ObjectStore,
  run: RunNames,
  plan: PlanRecord,
  window: Window,
  rows: Rows,
  { records, first, step }: PartIds,
): Promise<CommitRecord> {
  const names = partNames(run, window, 'job');
  const location = { bucket: run.bucket, key: names.part };
  const upload = await createUpload(store, location, { contentType: 'text/csv' });
  const { signal } = new AbortController();
  const writer = new UploadWriter({ store, upload, partBytes: uploadPartBytes(0), uploaded: [], signal });
  await writer.write(rows.header);
  let crc = 0;
  for (const chunk of rows.chunks(records, first, step)) {
    crc = crc32(chunk, crc);
    await writer.write(chunk);
  }
  const { etag } = await completeUpload(store, upload, await writer.finish());
  const ids = new IdSet();
  for (let record = 0; record < records; record++) ids.add(0, FIRST_ID + first + record * step);
  const idsBytes = ids.serialize();
  ids.dispose();
  const idsEtag = await putBytes(store, { bucket: run.bucket, key: names.ids }, idsBytes);
  const bytes = (await headObject(store, location))?.bytes ?? 0;
  return {
    version: 2,
    instance: plan.instance,
    ...window,
    fieldsSha256: fieldsSha256(plan.fields),
    exportId: 'job',
    records,
    warnings: [],
    part: {
      key: names.part,
      etag,
      partBytes: bytes,
      bytes,
      // Nothing reads it any more once a part is committed.
      sha256: '0'.repeat(64),
      headerStart: 0,
      bodyStart: rows.header.length,
      emptyLines: 0,
      headerSha256: sha256(rows.header),
      bodyCrc32: crc,
      idsKey: names.ids,
      idsEtag,
      idsBytes: idsBytes.length,
      idsSha256: sha256(idsBytes),
      cardinality: records,
      duplicatesInside: 0,
      quoting: 'tolerant',
    },
    verifiedAt: new Date().toISOString(),
  };
}

/** Commits parts: a merge that published has deleted their records. */
export async function commitAll(
  store: ObjectStore,
  run: RunNames,
  windows: readonly Window[],
  records: readonly CommitRecord[],
): Promise<void> {
  for (const [index, record] of records.entries()) {
    const window = windows[index];
    if (window) await writeCommit(store, run, window, record);
  }
}

import type { PlanRecord } from '../plan/plan-record.js';
import type { Manifest, ManifestWindow } from '../contract/result.js';
import { z } from 'zod';
import { manifestUrl } from '../parts/output-names.js';
import { getBytes, putBytes } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import { parseS3Url } from '../storage/s3-url.js';
import type { Contribution } from './deduplicate.js';

/** What an attempt that finds everything published needs of the manifest. */
const publishedSchema = z.object({
  etag: z.string(),
  leads: z.int(),
  duplicates: z.int(),
  bytes: z.int(),
});

/** The manifest's account of the windows. */
export function manifestWindows(
  contributions: readonly Contribution[],
  takenOver: ReadonlySet<string>,
): ManifestWindow[] {
  return contributions.map(({ record, leads, duplicates }) => ({
    startAt: record.startAt,
    endAt: record.endAt,
    exportId: record.exportId,
    records: record.records,
    leads,
    duplicates,
    bytes: record.part?.fileBytes ?? 0,
    ...(record.part && { sha256: record.part.sha256, bodyCrc32: hex(record.part.bodyCrc32) }),
    ...(record.queuedAt !== undefined && { queuedAt: record.queuedAt }),
    ...(record.startedAt !== undefined && { startedAt: record.startedAt }),
    ...(record.finishedAt !== undefined && { finishedAt: record.finishedAt }),
    verifiedAt: record.verifiedAt,
    takenOver: takenOver.has(record.startAt),
  }));
}

/** Head of a manifest from the plan. */
export function planned(
  plan: PlanRecord,
): Pick<Manifest, 'instance' | 'startAt' | 'endAt' | 'windowOverlapSeconds' | 'fields'> {
  const { instance, startAt, endAt, windowOverlapSeconds, fields } = plan;
  return { instance, startAt, endAt, windowOverlapSeconds, fields };
}

export async function writeManifest(store: ObjectStore, manifest: Manifest): Promise<void> {
  const location = parseS3Url(manifestUrl(manifest.destination));
  await putBytes(store, location, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), {
    contentType: 'application/json',
  });
}

/** The manifest beside a destination, if it speaks of the object with this ETag. */
export async function readManifest(
  store: ObjectStore,
  destination: string,
  etag: string,
): Promise<z.infer<typeof publishedSchema> | null> {
  const bytes = await getBytes(store, parseS3Url(manifestUrl(destination)));
  if (!bytes) return null;
  try {
    const manifest = publishedSchema.parse(JSON.parse(bytes.toString()));
    return manifest.etag === etag ? manifest : null;
  } catch {
    return null;
  }
}

/** A CRC-32 as 8 hex digits. */
export function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

import { z } from 'zod';
import type { RunNames } from '../parts/output-names.js';
import { readJson, writeJson } from '../storage/json-record.js';
import { abortUpload } from '../storage/multipart-upload.js';
import type { ObjectStore } from '../storage/object-store.js';
import { abandonStaged } from './staged.js';

const schema = z.object({
  /** SHA-256 of the plan that the upload was begun for: an upload's metadata cannot be changed any more. */
  plan: z.string(),
  /** The upload that becomes the output. */
  upload: z.object({ bucket: z.string(), key: z.string(), uploadId: z.string() }),
  /** CRC-32 that the whole object must have; known just before it is completed. */
  crc32: z.int().min(0).max(0xffffffff).optional(),
});

/**
 * The upload of the output, kept beside the parts: an attempt that takes over knows which upload at the destination is the
 * run's own, and by its checksum whether the object there is.
 */
export type Publication = Readonly<z.infer<typeof schema>>;

export async function writePublication(
  store: ObjectStore,
  run: RunNames,
  publication: Publication,
  signal?: AbortSignal,
): Promise<void> {
  await writeJson(store, { bucket: run.bucket, key: run.publication }, publication, { signal });
}

export async function readPublication(store: ObjectStore, run: RunNames): Promise<Publication | null> {
  const found = await readJson(store, { bucket: run.bucket, key: run.publication }, schema);
  return found && found.value;
}

/** Aborts the upload of the output, and what is being staged for it; what is completed stays as it is. */
export async function abandonPublication(store: ObjectStore, run: RunNames): Promise<void> {
  const publication = await readPublication(store, run);
  if (publication) await abortUpload(store, publication.upload);
  await abandonStaged(store, run);
}

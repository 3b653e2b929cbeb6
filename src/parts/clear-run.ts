import { abortUpload, findUploads, type MultipartUpload } from '../storage/multipart-upload.js';
import { deleteObjects, listKeys } from '../storage/objects.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { RunNames } from './output-names.js';

/** What a run keeps in its folder of parts. */
export interface Leftovers {
  readonly keys: readonly string[];
  readonly uploads: readonly MultipartUpload[];
}

export async function findLeftovers(
  store: ObjectStore,
  { bucket, prefix }: RunNames,
  signal?: AbortSignal,
): Promise<Leftovers> {
  const uploads = await findUploads(store, bucket, prefix, signal);
  const keys: string[] = [];
  for await (const key of listKeys(store, bucket, prefix, signal)) keys.push(key);
  return { keys, uploads };
}

/**
 * Empties a run's folder of parts: uploads first, since one that is completed meanwhile becomes an object.
 *
 * @param goes tells of a key whether it is deleted
 */
export async function clearRun(
  store: ObjectStore,
  run: RunNames,
  goes: (key: string) => boolean = () => true,
  signal?: AbortSignal,
): Promise<void> {
  const { keys, uploads } = await findLeftovers(store, run, signal);
  for (const upload of uploads) await abortUpload(store, upload, signal);
  await deleteObjects(store, run.bucket, keys.filter(goes), signal);
}

import type { PlanRef } from '../contract/activities.js';
import { runNamesOf } from '../parts/output-names.js';
import { abortUpload, findUploads } from '../storage/multipart-upload.js';
import { deleteObjects, listKeys } from '../storage/objects.js';
import { Attempt } from './attempt.js';
import type { Dependencies } from './dependencies.js';

/** Deletes all that a published run left under its prefix, but for the parts themselves where they are to be kept. */
export function cleanUp(
  { store }: Dependencies,
  { plan, keepParts }: { readonly plan: PlanRef; readonly keepParts: boolean },
): Promise<void> {
  return Attempt.run({}, async () => {
    const run = runNamesOf(plan);
    for (const upload of await findUploads(store, run.bucket, run.prefix)) await abortUpload(store, upload);
    const keys: string[] = [];
    for await (const key of listKeys(store, run.bucket, run.prefix)) {
      if (!(keepParts && key.endsWith('.csv') && !key.endsWith('.unique.csv'))) keys.push(key);
    }
    await deleteObjects(store, run.bucket, keys);
  });
}

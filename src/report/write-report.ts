import type { Manifest } from '../contract/manifest.js';
import type { OutputNames } from '../parts/output-names.js';
import type { Condition } from '../storage/conditions.js';
import type { ObjectStore } from '../storage/object-store.js';
import { putBytes } from '../storage/objects.js';
import { renderReport } from './render-report.js';

/**
 * Writes the report of a published output beside it; again for the same manifest, it writes the same. The output is good
 * without it: whatever goes wrong is a warning.
 */
export async function writeReport(
  store: ObjectStore,
  { report }: OutputNames,
  manifest: Manifest,
  options: { readonly condition: Condition; readonly signal: AbortSignal },
  onWarning: (message: string) => void,
): Promise<void> {
  try {
    const page = Buffer.from(renderReport(manifest));
    await putBytes(store, report, page, { contentType: 'text/html; charset=utf-8', ...options });
  } catch (error) {
    options.signal.throwIfAborted();
    onWarning(`The report could not be written: ${error instanceof Error ? error.name : 'unknown error'}`);
  }
}

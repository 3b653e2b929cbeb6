import { manifestSchema } from '../contract/manifest.js';
import { manifestUrl, reportUrl } from '../parts/output-names.js';
import { readJson } from '../storage/json-record.js';
import type { ObjectStore } from '../storage/object-store.js';
import { putBytes } from '../storage/objects.js';
import { parseS3Url } from '../storage/s3-url.js';
import { renderReport } from './render-report.js';

/**
 * Writes the report of a published output from the manifest that lies beside it; again for the same output, it writes the
 * same. The output is good without it: whatever goes wrong is a warning.
 */
export async function writeReport(
  store: ObjectStore,
  destination: string,
  onWarning: (message: string) => void,
): Promise<void> {
  try {
    const manifest = await readJson(store, parseS3Url(manifestUrl(destination)), manifestSchema);
    if (!manifest) throw new Error('there is no manifest, or one that is not of this version');
    const page = renderReport(manifest.value);
    await putBytes(store, parseS3Url(reportUrl(destination)), Buffer.from(page), {
      contentType: 'text/html; charset=utf-8',
    });
  } catch (error) {
    onWarning(`The report could not be written: ${error instanceof Error ? error.name : 'unknown error'}`);
  }
}

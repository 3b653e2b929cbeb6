import { outputNames } from '../../parts/output-names.js';
import { checkStore } from '../../storage/check-store.js';
import { createObjectStore } from '../../storage/object-store.js';
import { headObject } from '../../storage/objects.js';
import { storageSettings } from '../environment.js';
import type { Checklist } from './checklist.js';

const REMEDY =
  'Credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile; the policy that a run needs is in docs/security.md.';

/** Checks the environment for S3, and all that a run asks of its bucket, on small objects that are deleted again. */
export async function checkStorage(
  report: Checklist,
  environment: NodeJS.ProcessEnv,
  destination: string | undefined,
): Promise<void> {
  const config = await report.check('environment for S3', () => {
    const found = storageSettings(environment);
    return Promise.resolve({
      found,
      says: environment['AWS_ENDPOINT_URL_S3'] ?? `Amazon S3, ${found.region ?? 'region of the profile'}`,
    });
  });
  if (destination === undefined) {
    report.note('bucket', 'not checked: give --destination s3://bucket/key');
    return;
  }
  if (!config) return;
  const store = createObjectStore(config);
  const doneWithout = await report.check(
    'bucket',
    async () => {
      const { object, partsPrefix } = outputNames(destination);
      const found = await checkStore(store, object.bucket, partsPrefix, {
        contentType: 'text/csv; charset=utf-8',
        metadata: { 'marketo-extract-plan': 'none' },
      });
      await headObject(store, object);
      return { found, says: `${object.bucket} takes every request that a run makes` };
    },
    REMEDY,
  );
  for (const lack of doneWithout ?? []) report.note('bucket', lack);
}

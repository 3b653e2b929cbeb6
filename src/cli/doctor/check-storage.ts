import { wayTo } from '../../http/proxy-environment.js';
import { outputNames } from '../../parts/output-names.js';
import { checkCredentials } from '../../storage/check-credentials.js';
import { checkStore } from '../../storage/check-store.js';
import { createObjectStore, type ObjectStore } from '../../storage/object-store.js';
import { describeS3Error } from '../../storage/s3-errors.js';
import { headObject } from '../../storage/objects.js';
import { storageSettings } from '../environment.js';
import type { Terminal } from '../terminal.js';
import type { Checklist } from './checklist.js';

/** Checks the environment for S3, and all that a run asks of its bucket, on small objects that are deleted again. */
export async function checkStorage(
  report: Checklist,
  { env, interrupted }: Terminal,
  destination: string | undefined,
): Promise<void> {
  const config = await report.check('environment for S3', () => {
    const found = storageSettings(env);
    const { region } = found;
    const endpoint = env['AWS_ENDPOINT_URL_S3'];
    const host = region === undefined ? 's3.amazonaws.com' : `s3.${region}.amazonaws.com`;
    const way = wayTo(endpoint ?? `https://${host}`, env);
    return Promise.resolve({ found, says: `${endpoint ?? `Amazon S3, ${region ?? 'region of the profile'}`}, ${way}` });
  });
  if (!config) {
    report.note('S3 credentials, bucket', 'not checked, since the environment is not complete');
    return;
  }
  const store = createObjectStore({ ...config, env });
  try {
    const known = await report.check(
      'S3 credentials',
      async () => {
        await checkCredentials(store, interrupted);
        return { found: true, says: 'accepted' };
      },
      (error) =>
        describeS3Error(error)?.retryable === true
          ? 'See that AWS_ENDPOINT_URL_S3 and AWS_REGION are right and can be reached from here.'
          : 'They come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the role of the machine.',
    );
    if (destination === undefined) report.note('bucket', 'not checked: give --destination s3://bucket/key');
    else if (!known) report.note('bucket', 'not checked, since the credentials could not be used');
    else await checkBucket(report, store, destination, interrupted);
  } finally {
    store.client.destroy();
  }
}

async function checkBucket(
  report: Checklist,
  store: ObjectStore,
  destination: string,
  signal: AbortSignal,
): Promise<void> {
  const doneWithout = await report.check(
    'bucket',
    async () => {
      const { object, partsPrefix } = outputNames(destination);
      const found = await checkStore(store, object.bucket, partsPrefix, {
        contentType: 'text/csv; charset=utf-8',
        metadata: { 'marketo-extract-plan': 'none' },
        signal,
      });
      await headObject(store, object);
      return { found, says: `${object.bucket} takes every request that a run makes` };
    },
    () => 'The policy that a run needs is in docs/security.md.',
  );
  for (const lack of doneWithout ?? []) report.note('bucket', lack);
}

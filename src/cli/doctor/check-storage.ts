import { randomUUID } from 'node:crypto';
import { abortUpload, completeUpload, uploadPartCopy, createUpload } from '../../storage/multipart-upload.js';
import { createObjectStore, type ObjectStore } from '../../storage/object-store.js';
import { checkBucket, deleteObjects, getBytes, headObject, putBytes } from '../../storage/objects.js';
import { outputNames } from '../../parts/output-names.js';
import { storageSettings } from '../environment.js';
import { CommandError } from '../exit.js';
import type { Checklist } from './checklist.js';

const REMEDY =
  'Credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile; the policy that a run needs is in docs/security.md.';

/** Checks the environment for S3, and all that a run does with its bucket on small objects that it deletes again. */
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
  const written = await report.check(
    'bucket: read, write, delete',
    async () => {
      const { object, partsPrefix } = outputNames(destination);
      await checkBucket(store, object.bucket, `${partsPrefix}doctor-${randomUUID()}`);
      await headObject(store, object);
      return { found: { bucket: object.bucket, partsPrefix }, says: object.bucket };
    },
    REMEDY,
  );
  if (!written) return;
  await report.check(
    'bucket: multipart upload, copy within S3',
    async () => {
      await composeProbe(store, written.bucket, `${written.partsPrefix}doctor-${randomUUID()}`);
      return { found: true, says: 'a part was composed from a range of another object' };
    },
    REMEDY,
  );
}

/** What a merge does, in small: a range of one object becomes a part of another. */
async function composeProbe(store: ObjectStore, bucket: string, key: string): Promise<void> {
  const source = { bucket, key: `${key}-source` };
  const target = { bucket, key: `${key}-target` };
  const etag = await putBytes(store, source, Buffer.from('header\nbody\n'));
  try {
    const upload = await createUpload(store, target);
    try {
      const part = await uploadPartCopy(store, upload, 1, { key: source.key, etag, start: 7, end: 12 });
      await completeUpload(store, upload, [part]);
    } catch (error) {
      await abortUpload(store, upload);
      throw error;
    }
    const composed = await getBytes(store, target);
    if (composed?.toString() !== 'body\n')
      throw new CommandError('the store does not copy the range that it is asked for');
  } finally {
    await deleteObjects(store, bucket, [source.key, target.key]);
  }
}

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writePublication } from '../../src/merge/publication-record.js';
import { windowNames } from '../../src/parts/output-names.js';
import { createUpload } from '../../src/storage/multipart-upload.js';
import { refusal, type Reply } from '../marketo/helpers/scripted-marketo.js';
import { AttemptEnvironment } from './environment.js';
import { EXPORT_ID, Fixture, job, JOB_GONE, OUTPUT, RUN, WINDOW, WINDOWS } from './fixture.js';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await Fixture.start();
});

afterEach(async () => {
  await fixture.stop();
});

/** Begins an upload of a part of each window. */
async function beginUploads(): Promise<string[]> {
  const keys = WINDOWS.map((window) => `${windowNames(RUN, window).partPrefix}${EXPORT_ID}.csv`);
  for (const key of keys) await createUpload(fixture.s3.store, { bucket: RUN.bucket, key });
  return keys;
}

async function abandonWindow(exportId?: string): Promise<void> {
  const plan = await fixture.plan();
  await fixture.activities.abandonWindow({ plan, window: WINDOW, ...(exportId !== undefined && { exportId }) });
}

describe('abandoning a window', () => {
  it('aborts the uploads of its own parts, and no others', async () => {
    const keys = await beginUploads();
    await new AttemptEnvironment().run(() => abandonWindow());
    expect(fixture.s3.openUploads()).toEqual(keys.slice(1));
    expect(fixture.calls()).toEqual([]);
  });

  it('leaves what is verified', async () => {
    const verified = [windowNames(RUN, WINDOW).commit, `${windowNames(RUN, WINDOW).partPrefix}${EXPORT_ID}.csv`];
    for (const key of verified) fixture.s3.put(key, 'verified');
    await new AttemptEnvironment().run(() => abandonWindow());
    expect(fixture.s3.keys()).toEqual([...verified, RUN.plan].sort());
  });

  it.each(['Created', 'Queued', 'Processing'])('cancels a job that is %s', async (status) => {
    fixture.marketo.willReply(job(status), job('Cancelled'));
    await new AttemptEnvironment().run(() => abandonWindow(EXPORT_ID));
    expect(fixture.calls()).toEqual([`${EXPORT_ID}/status.json`, `${EXPORT_ID}/cancel.json`]);
  });

  it.each(['Completed', 'Failed', 'Cancelled'])('leaves a job that is %s', async (status) => {
    fixture.marketo.willReply(job(status));
    await new AttemptEnvironment().run(() => abandonWindow(EXPORT_ID));
    expect(fixture.calls()).toEqual([`${EXPORT_ID}/status.json`]);
  });

  it.each<[string, Reply[]]>([
    ['is not known any more', [JOB_GONE]],
    ['has ended meanwhile', [job('Processing'), refusal('1003', 'Invalid state')]],
  ])('takes a job that %s for one that has ended', async (_, replies) => {
    fixture.marketo.willReply(...replies);
    await new AttemptEnvironment().run(() => abandonWindow(EXPORT_ID));
    expect(fixture.calls()).toHaveLength(replies.length);
  });

  it('is tried again where Marketo or S3 has trouble', async () => {
    fixture.marketo.willReply(job('Processing'), refusal('608', 'Temporarily unavailable'));
    expect(await new AttemptEnvironment().failureOf(() => abandonWindow(EXPORT_ID))).toMatchObject({
      type: 'transient',
      nonRetryable: false,
    });
  });
});

describe('abandoning a merge', () => {
  it('aborts the upload of the output that was written down, and no other', async () => {
    const upload = await createUpload(fixture.s3.store, OUTPUT.object);
    const other = { bucket: RUN.bucket, key: 'out/other.csv' };
    await createUpload(fixture.s3.store, other);
    const plan = await fixture.plan();
    await writePublication(fixture.s3.store, RUN, { plan: plan.sha256, upload });
    await new AttemptEnvironment().run(() => fixture.activities.abandonMerge({ plan }));
    expect(fixture.s3.openUploads()).toEqual([other.key]);
  });

  it('does nothing where nothing was begun, or what was begun is gone', async () => {
    const plan = await fixture.plan();
    const abandon = (): Promise<void> => fixture.activities.abandonMerge({ plan });
    await new AttemptEnvironment().run(abandon);
    const upload = { ...OUTPUT.object, uploadId: 'gone' };
    await writePublication(fixture.s3.store, RUN, { plan: plan.sha256, upload });
    await new AttemptEnvironment().run(abandon);
    expect(fixture.calls()).toEqual([]);
  });
});

describe('cleaning up', () => {
  const PART = `${RUN.prefix}2024-01-01T00:00:00Z-${EXPORT_ID}.csv`;
  const OTHERS = ['out/leads.csv', `${OUTPUT.partsPrefix}another run/plan.json`];

  async function leave(): Promise<void> {
    for (const end of ['.csv', '.ids', '.rows.csv']) fixture.s3.put(PART.replace(/\.csv$/, end), 'left');
    for (const key of [RUN.publication, ...OTHERS]) fixture.s3.put(key, 'left');
    await beginUploads();
  }

  it.each([
    [false, []],
    [true, [PART]],
  ])('deletes what the run left, and with keepParts %s leaves %j', async (keepParts, kept) => {
    const plan = await fixture.plan();
    await leave();
    await new AttemptEnvironment().run(() => fixture.activities.cleanUp({ plan, keepParts }));
    expect(fixture.s3.keys()).toEqual([...OTHERS, ...kept].sort());
    expect(fixture.s3.openUploads()).toEqual([]);
  });

  it('done again finds nothing', async () => {
    const plan = await fixture.plan();
    for (let time = 1; time <= 2; time++) {
      await new AttemptEnvironment().run(() => fixture.activities.cleanUp({ plan, keepParts: false }));
    }
    expect(fixture.s3.keys()).toEqual([]);
  });

  it('fails for good where S3 refuses', async () => {
    const plan = await fixture.plan();
    fixture.s3.refusing = { status: 403, code: 'AccessDenied' };
    const failure = await new AttemptEnvironment().failureOf(() =>
      fixture.activities.cleanUp({ plan, keepParts: false }),
    );
    expect(failure).toMatchObject({ type: 'StorageAccess', nonRetryable: true });
  });
});

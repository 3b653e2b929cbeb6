import { beforeAll, describe, expect, it } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { GetObjectTaggingCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { parseS3Url } from '../../src/storage/s3-url.js';
import { failureOf } from '../workflows/harness.js';
import { FAST_POLL, quiet, withService } from './harness.js';

beforeAll(quiet);

const DAY = 86_400_000;

describe('a run over a real Temporal server, a real S3 server and the simulated instance', () => {
  it.concurrent('delivers every lead once, byte for byte, with one job per window and one for the fields', () =>
    withService({ halfSeconds: true }, async (service) => {
      const result = await service.extract();
      await service.expectRightAndClean(result);
      expect(result).toMatchObject({
        windows: 3,
        leads: 600,
        startAt: '2024-01-01T00:00:00Z',
        endAt: '2024-03-20T00:00:00Z',
      });
      expect(result.duplicates).toBeGreaterThan(0);
      expect(service.simulator.jobs.all).toHaveLength(1 + 3);
      expect(service.calls('cancel')).toEqual(['ok']);
      expect(service.simulator.calls.violations).toEqual([]);
    }),
  );

  it.concurrent('accounts for it all in the manifest', () =>
    withService({}, async (service) => {
      const result = await service.extract();
      const manifest = await service.manifest();
      expect(manifest).toMatchObject({
        version: 2,
        destination: result.destination,
        leads: result.leads,
        duplicates: result.duplicates,
        bytes: result.bytes,
        lostCreates: 0,
        instance: new URL(service.simulator.url).host,
      });
      const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
      expect(sum(manifest.windows.map(({ leads }) => leads))).toBe(result.leads);
      expect(sum(manifest.windows.map(({ records }) => records))).toBe(result.leads + result.duplicates);
      for (const window of manifest.windows) {
        const job = service.simulator.jobs.find(window.exportId);
        expect(window).toMatchObject({
          records: job?.facts?.records,
          bytes: job?.facts?.bytes,
          sha256: job?.facts?.sha256,
        });
      }
      const head = await service.s3.send(
        new HeadObjectCommand({ Bucket: service.bucket, Key: 'out/leads.csv', ChecksumMode: 'ENABLED' }),
      );
      expect(Buffer.from(head.ChecksumCRC32 ?? '', 'base64').toString('hex')).toBe(manifest.crc32);
      expect(head.ContentType).toBe('text/csv; charset=utf-8');
      expect(manifest.warnings).toEqual(['Left out, since the instance does not export them: Shadow__c']);
    }),
  );

  it.concurrent('exports ids beyond 2³² and rows of their own window only once', () =>
    withService({ idBase: 2 ** 32 - 300 }, async (service) => {
      const result = await service.extract();
      await service.expectRightAndClean(result);
      expect(result.leads).toBe(600);
    }),
  );

  it.concurrent('fetches nothing for an empty window, and an instance without leads gives a header alone', () =>
    withService({ leads: 0 }, async (service) => {
      const result = await service.extract({ fields: ['email', 'createdAt'] });
      expect(result).toMatchObject({ leads: 0, duplicates: 0, windows: 3 });
      expect((await service.read('out/leads.csv')).toString()).toBe('id,email,createdAt\n');
      expect(service.calls('file')).toEqual([]);
    }),
  );

  it.concurrent('exports chosen fields with id first, patterns resolved, compressed and tagged', () =>
    withService({}, async (service) => {
      const destination = `s3://${service.bucket}/small.csv.gz`;
      const result = await service.extract({
        destination,
        fields: ['email', 'utm_*'],
        tags: { team: 'ops' },
        contentType: 'text/csv',
      });
      const raw = gunzipSync(await service.read('small.csv.gz'));
      expect(raw.equals(await service.expected(result, { fields: 'email,utm_source,utm_campaign' }))).toBe(true);
      const { key } = parseS3Url(destination);
      const tagging = await service.s3.send(new GetObjectTaggingCommand({ Bucket: service.bucket, Key: key }));
      expect(tagging.TagSet).toEqual([{ Key: 'team', Value: 'ops' }]);
      await service.expectNothingLeft();
    }),
  );

  it.concurrent('keeps the verified files of the windows when told so', () =>
    withService({}, async (service) => {
      await service.extract({ keepParts: true });
      const kept = (await service.keys()).filter((key) => key.includes('/parts/'));
      expect(kept).toHaveLength(3);
      for (const key of kept)
        expect(key).toMatch(/^out\/_leads\.csv\/parts\/[0-9a-f]{32}\/2024-\d\d-\d\dT00:00:00Z-[0-9a-f-]{36}\.csv$/);
    }),
  );

  it.concurrent('never has two jobs queued or running at the default concurrency, over eight windows', () =>
    withService({ until: Date.parse('2024-01-01T00:00:00Z') + 8 * 31 * DAY - 1000 }, async (service) => {
      const result = await service.extract({ endAt: '2024-09-04T23:59:59Z' });
      expect(result.windows).toBe(8);
      expect(service.simulator.jobs.mostQueuedOrRunning).toBe(1);
      await service.expectRightAndClean(result);
    }),
  );

  it.concurrent('has as many jobs at once as the concurrency says', () =>
    withService(
      { processingSeconds: [3000, 4000], until: Date.parse('2024-01-01T00:00:00Z') + 8 * 31 * DAY - 1000 },
      async (service) => {
        const result = await service.extract({ endAt: '2024-09-04T23:59:59Z', concurrency: 4 });
        expect(service.simulator.jobs.mostQueuedOrRunning).toBe(4);
        expect(service.simulator.jobs.mostRunning).toBe(2);
        await service.expectRightAndClean(result);
      },
    ),
  );

  it.concurrent('is safe with an overlap of a second where Marketo compares fractions of one', () =>
    withService({ halfSeconds: true, filterIgnoresFractions: false }, async (service) => {
      const result = await service.extract({ windowOverlapSeconds: 1, windowDays: 31 });
      expect(result.leads).toBe(600);
    }),
  );

  it.concurrent('keeps histories small however often it polls', () =>
    withService({ processingSeconds: [20_000, 20_500] }, async (service) => {
      const handle = await service.start();
      await handle.result();
      const parent = await handle.fetchHistory();
      const child = await service.client.workflow.getHandle(`${handle.workflowId}/2024-01-01T00:00:00Z`).fetchHistory();
      expect(child.events?.length).toBeLessThanOrEqual(36);
      expect(((parent.events?.length ?? Infinity) - 40) / 3).toBeLessThanOrEqual(14);
      expect(service.simulator.jobs.all[1]?.statusCalls.length).toBeGreaterThan(4);
    }),
  );

  it.concurrent('replaces an earlier output whole', () =>
    withService({}, async (service) => {
      await service.extract({ fields: ['email'] });
      const result = await service.extract();
      await service.expectRightAndClean(result);
    }),
  );

  it.concurrent('refuses fields that the instance does not have, all of them named, before any job is made', () =>
    withService({}, async (service) => {
      const failure = await failureOf((await service.start({ fields: ['email', 'nope', 'neither'] })).result());
      expect(failure.type).toBe('InvalidInput');
      expect(failure.message).toContain('nope, neither');
      expect(service.simulator.jobs.all).toEqual([]);
    }),
  );

  it.concurrent('refuses a named field that Describe lists and the export does not take', () =>
    withService({}, async (service) => {
      const failure = await failureOf((await service.start({ fields: ['email', 'Shadow__c'] })).result());
      expect(failure.type).toBe('InvalidInput');
      expect(failure.message).toContain('Shadow__c');
    }),
  );

  it.concurrent('refuses a range that ends before the instance began', () =>
    withService({}, async (service) => {
      const failure = await failureOf((await service.start({ endAt: '2023-01-01T00:00:00Z' })).result());
      expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('2024-01-01T00:00:00Z') });
    }),
  );

  it.concurrent('fails before anything is spent when the bucket is not there', () =>
    withService({}, async (service) => {
      const failure = await failureOf(
        (await service.start({ destination: 's3://there-is-none/x.csv', poll: FAST_POLL })).result(),
      );
      expect(failure).toMatchObject({
        type: 'StorageAccess',
        message: expect.stringContaining('there-is-none does not exist'),
      });
      expect(service.simulator.calls.records).toEqual([]);
    }),
  );
});

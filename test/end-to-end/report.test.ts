import { beforeAll, describe, expect, it } from '@jest/globals';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { outputNames, reportUrl } from '../../src/parts/output-names.js';
import { writeReport } from '../../src/report/write-report.js';
import { createObjectStore } from '../../src/storage/object-store.js';
import { putBytes } from '../../src/storage/objects.js';
import { newBucket } from '../helpers/s3.js';
import { manifestOf } from '../report/samples.js';
import { quiet, withService } from './harness.js';

beforeAll(quiet);

describe('the report of a run', () => {
  it('lies beside the output, shows every window, and holds nothing of any lead', () =>
    withService({}, async (service) => {
      const result = await service.extract({ fields: ['email', 'createdAt'] });
      const page = (await service.read('out/_leads.csv/report.html')).toString();
      for (const { exportId } of (await service.manifest()).windows) expect(page).toContain(exportId);
      expect(page).toContain(`<dd>${result.leads}</dd>`);
      const head = await service.s3.send(
        new HeadObjectCommand({ Bucket: service.bucket, Key: 'out/_leads.csv/report.html' }),
      );
      expect(head.ContentType).toBe('text/html; charset=utf-8');
      const rows = (await service.read('out/leads.csv')).toString().split('\n').slice(1, -1);
      const emails = rows.map((row) => row.split(',')[1] ?? '').filter((email) => email.includes('@'));
      expect(emails.length).toBeGreaterThan(100);
      // Not toContain: a failure would print people's addresses.
      expect(emails.filter((email) => page.includes(email)).length).toBe(0);
    }));

  it('is no reason to fail: what goes wrong is a warning', async () => {
    const warnings: string[] = [];
    const store = createObjectStore({ forcePathStyle: true, region: 'us-east-1' });
    const output = outputNames(`s3://${await newBucket(store.client)}/leads.csv`);
    await putBytes(store, output.report, Buffer.from("Somebody else's"));
    const options = { condition: { ifNoneMatch: '*' }, signal: new AbortController().signal } as const;
    await writeReport(store, output, manifestOf([]), options, (warning) => warnings.push(warning));
    expect(warnings).toEqual([expect.stringContaining('The report could not be written')]);
    expect(reportUrl('s3://bucket/leads.csv')).toBe('s3://bucket/_leads.csv/report.html');
    store.client.destroy();
  });
});

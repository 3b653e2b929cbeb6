import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MarketoClient } from '../../src/marketo/client.js';
import { MarketoError } from '../../src/marketo/marketo-errors.js';
import {
  cancelExportJob,
  createExportJob,
  enqueueExportJob,
  exportJobStatus,
  listExportJobs,
} from '../../src/marketo/lead-export.js';
import { failureOf, marketoFailureOf } from './helpers/failure.js';
import { refusal, ScriptedMarketo, success, TOKEN } from './helpers/scripted-marketo.js';

const ID = '4f2b9115-c3f2-4e40-a87c-bf803bbfed99';
const CHECKSUM = 'de5533aa'.repeat(8);
const RANGE = { fields: ['id', 'email'], startAt: '2023-01-01T00:00:00Z', endAt: '2023-01-31T23:59:59Z' };

/** A job as documented (Adobe: Bulk Lead Extract). */
const COMPLETED = {
  exportId: ID,
  format: 'CSV',
  status: 'Completed',
  createdAt: '2020-01-17T20:10:43Z',
  queuedAt: '2020-01-17T20:13:23Z',
  startedAt: '2020-01-17T12:13:49-08:00',
  finishedAt: '2020-01-17T20:15:28Z',
  numberOfRecords: 59,
  fileSize: 74436,
  fileChecksum: `sha256:${CHECKSUM}`,
};

let marketo: ScriptedMarketo;
let client: MarketoClient;

beforeEach(async () => {
  marketo = await ScriptedMarketo.start();
  client = marketo.client();
});

afterEach(async () => {
  await marketo.stop();
});

describe('createExportJob', () => {
  it('asks for CSV of the fields over the range of createdAt', async () => {
    marketo.willReply(success([{ exportId: ID, format: 'CSV', status: 'Created', createdAt: '2020-01-17T20:10:43Z' }]));
    expect(await createExportJob(client, RANGE)).toMatchObject({ exportId: ID, status: 'Created' });
    const [request] = marketo.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/bulk/v1/leads/export/create.json' });
    expect(request?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      fields: ['id', 'email'],
      format: 'CSV',
      filter: { createdAt: { startAt: '2023-01-01T00:00:00Z', endAt: '2023-01-31T23:59:59Z' } },
    });
  });

  it('asks for the range of last changes where that is wanted', async () => {
    marketo.willReply(success([COMPLETED]));
    await createExportJob(client, { ...RANGE, filter: 'updatedAt' });
    expect(JSON.parse(marketo.requests[0]?.body ?? '')).toMatchObject({
      filter: { updatedAt: { startAt: '2023-01-01T00:00:00Z', endAt: '2023-01-31T23:59:59Z' } },
    });
  });

  it('is sent once, on a connection of its own: another one would make another job', async () => {
    marketo.willReply(success([COMPLETED]), (response) => response.destroy());
    await exportJobStatus(client, ID);
    expect(await marketoFailureOf(createExportJob(client, RANGE))).toMatchObject({
      code: 'NETWORK',
      outcomeUnknown: true,
    });
    expect(marketo.requests.map(({ headers }) => headers.connection)).toEqual(['keep-alive', 'close']);
  });

  it('names the fields that the instance does not export', async () => {
    marketo.willReply(refusal('1003', 'Invalid fields [site, billingStreet]'));
    expect(await marketoFailureOf(createExportJob(client, RANGE))).toMatchObject({
      action: 'invalidFields',
      invalidFields: ['site', 'billingStreet'],
      outcomeUnknown: false,
    });
  });

  it('waits for quota where Marketo refuses to create for want of it', async () => {
    marketo.willReply(refusal('1029', 'Export daily quota 500MB exceeded.'));
    expect(await marketoFailureOf(createExportJob(client, RANGE))).toMatchObject({ action: 'waitForExportQuota' });
  });

  it.each([
    ['no result', success()],
    ['no exportId', success([{ status: 'Created' }])],
    ['an exportId that is none', success([{ exportId: '../../identity', status: 'Created' }])],
    [
      'a broken connection',
      (response: { destroy: () => void }): void => {
        response.destroy();
      },
    ],
    ['code 604', refusal('604', 'Request time-out')],
    ['a 502', { status: 502, body: '' }],
  ])('tells that a job may have been made where it gets %s', async (_, reply) => {
    marketo.willReply(reply);
    expect((await marketoFailureOf(createExportJob(client, RANGE))).outcomeUnknown).toBe(true);
  });
});

describe('enqueueExportJob', () => {
  it('enqueues', async () => {
    marketo.willReply(success([{ exportId: ID, status: 'Queued', queuedAt: '2020-01-17T20:13:23Z' }]));
    await enqueueExportJob(client, ID);
    expect(marketo.requests).toMatchObject([{ method: 'POST', path: `/bulk/v1/leads/export/${ID}/enqueue.json` }]);
  });

  it('takes a job that is queued already for success: an answer may have been lost', async () => {
    marketo.willReply(refusal('1029', 'Job already queued'));
    await expect(enqueueExportJob(client, ID)).resolves.toBeUndefined();
  });

  it.each([
    ['Too many jobs in queue', 'queueFull'],
    ['Export daily quota exceeded', 'waitForExportQuota'],
  ])('fails with %j: %s', async (message, action) => {
    marketo.willReply(refusal('1029', message));
    expect(await marketoFailureOf(enqueueExportJob(client, ID))).toMatchObject({ action });
  });
});

describe('exportJobStatus', () => {
  it('reads a completed job as documented', async () => {
    marketo.willReply(success([COMPLETED]));
    expect(await exportJobStatus(client, ID)).toEqual({
      exportId: ID,
      status: 'Completed',
      createdAt: '2020-01-17T20:10:43.000Z',
      queuedAt: '2020-01-17T20:13:23.000Z',
      startedAt: '2020-01-17T20:13:49.000Z',
      finishedAt: '2020-01-17T20:15:28.000Z',
      records: 59,
      bytes: 74436,
      sha256: CHECKSUM,
      requestId: '6902#16fb52118bf',
    });
    expect(marketo.requests).toMatchObject([{ method: 'GET', path: `/bulk/v1/leads/export/${ID}/status.json` }]);
  });

  it.each([
    ['Created', 'Created'],
    ['Queued', 'Queued'],
    ['processing', 'Processing'],
    ['COMPLETED', 'Completed'],
    ['Failed', 'Failed'],
    ['Cancelled', 'Cancelled'],
    ['Canceled', 'Cancelled'],
    ['canceled', 'Cancelled'],
    ['Paused', 'Unknown'],
    ['', 'Unknown'],
  ])('reads the status %j as %s', async (written, status) => {
    marketo.willReply(success([{ exportId: ID, status: written }]));
    expect((await exportJobStatus(client, ID)).status).toBe(status);
  });

  it('takes nulls for absent keys, and absent records for unknown, not for none', async () => {
    const nulls = { queuedAt: null, startedAt: null, finishedAt: null, numberOfRecords: null, fileSize: null };
    marketo.willReply(success([{ exportId: ID, status: 'Queued', ...nulls, fileChecksum: null, errorMsg: null }]));
    expect(Object.keys(await exportJobStatus(client, ID)).sort()).toEqual(['exportId', 'requestId', 'status']);
  });

  it('keeps a count of 0', async () => {
    marketo.willReply(success([{ ...COMPLETED, numberOfRecords: 0 }]));
    expect((await exportJobStatus(client, ID)).records).toBe(0);
  });

  it('gives the digits of a checksum in lower case', async () => {
    marketo.willReply(success([{ ...COMPLETED, fileChecksum: `SHA256:${CHECKSUM.toUpperCase()}` }]));
    expect((await exportJobStatus(client, ID)).sha256).toBe(CHECKSUM);
  });

  it('tells why a job failed', async () => {
    marketo.willReply(success([{ exportId: ID, status: 'Failed', errorMsg: 'Too large' }]));
    expect(await exportJobStatus(client, ID)).toMatchObject({ status: 'Failed', errorMsg: 'Too large' });
  });

  it.each([
    ['numbers as strings', { fileSize: '74436', numberOfRecords: '59' }, {}],
    ['a checksum without its kind', { fileChecksum: CHECKSUM }, {}],
    ['a checksum under another spelling', { fileChecksum: undefined, fileCheckSum: `sha256:${CHECKSUM}` }, {}],
    ['a date without a zone, which is GMT', { finishedAt: '2020-01-17 20:15:28' }, {}],
    ['a date that cannot be read', { finishedAt: 'today' }, { finishedAt: undefined }],
    ['dates that are empty or null', { queuedAt: '', startedAt: null }, { queuedAt: undefined, startedAt: undefined }],
    ['an error that is no text', { errorMsg: { a: 1 } }, {}],
  ])('is read as far as it only informs: %s', async (_, told, different) => {
    marketo.willReply(success([COMPLETED]), success([{ ...COMPLETED, ...told }]));
    const usual = await exportJobStatus(client, ID);
    expect(await exportJobStatus(client, ID)).toEqual({ ...usual, ...different });
  });

  it('tells why a job failed in a clean and short text', async () => {
    const errorMsg = `Lead ada@example.com\nfailed ${TOKEN} ${'x'.repeat(3_000_000)}`;
    marketo.willReply(success([{ exportId: ID, status: 'Failed', errorMsg }]));
    const job = await exportJobStatus(client, ID);
    expect(job.errorMsg).toMatch(/^Lead <address> failed <token>/);
    expect(job.errorMsg?.length).toBeLessThanOrEqual(300);
  });

  it.each([
    ['fileSize', -1],
    ['fileSize', '-1'],
    ['numberOfRecords', 1.5],
    ['numberOfRecords', 'many'],
    ['fileChecksum', 'sha256:abc'],
    ['fileChecksum', `md5:${CHECKSUM}`],
    ['exportId', '0e3a1c4e-0000-4000-8000-000000000000'],
  ])('is of another shape than documented with %s %j', async (key, value) => {
    marketo.willReply(success([{ ...COMPLETED, [key]: value }]));
    const error = await marketoFailureOf(exportJobStatus(client, ID));
    expect(error).toMatchObject({ code: 'UNEXPECTED_SHAPE', endpoint: 'status', requestId: '6902#16fb52118bf' });
  });

  it.each([
    ['code 1013', refusal('1013', 'Object not found')],
    ['code 610', refusal('610', 'Requested resource not found')],
    ['status 404', { status: 404, body: 'not found' }],
  ])('tells that the job is gone by %s, as enqueue and cancel do', async (_, reply) => {
    marketo.willReply(reply, reply, reply);
    for (const call of [exportJobStatus, enqueueExportJob, cancelExportJob]) {
      expect(await marketoFailureOf(call(client, ID))).toMatchObject({
        code: '1013',
        action: 'jobGone',
        access: false,
      });
    }
  });

  it.each(['', '..', 'a/b', 'a?b', 'x'.repeat(65)])(
    'makes no request for %j, which is no export id',
    async (exportId) => {
      expect(await failureOf(exportJobStatus(client, exportId))).toBeInstanceOf(TypeError);
      expect(marketo.requests).toHaveLength(0);
    },
  );

  it('gives a job with id and status or a MarketoError, whatever the answer holds', async () => {
    const value = fc.oneof(fc.constant(undefined), fc.jsonValue());
    const job = fc.record({
      exportId: fc.oneof(fc.constant(ID), value),
      status: fc.oneof(fc.constantFrom('Created', 'Completed'), value),
      createdAt: value,
      numberOfRecords: fc.oneof(fc.nat(), value),
      fileSize: fc.oneof(fc.nat(), value),
      fileChecksum: value,
    });
    await fc.assert(
      fc.asyncProperty(job, async (generated) => {
        marketo.willReply(success([generated]));
        try {
          const answer = await exportJobStatus(client, ID);
          expect(generated).toMatchObject({ exportId: ID, status: expect.any(String) });
          expect(answer).toMatchObject({ exportId: ID });
          expect(answer.bytes ?? 0).toBeGreaterThanOrEqual(0);
        } catch (error) {
          if (!(error instanceof MarketoError)) throw error;
          expect(error.code).toBe('UNEXPECTED_SHAPE');
        }
      }),
    );
  });
});

describe('cancelExportJob', () => {
  it('cancels', async () => {
    marketo.willReply(success([{ exportId: ID, status: 'Cancelled' }]));
    await cancelExportJob(client, ID);
    expect(marketo.requests).toMatchObject([{ method: 'POST', path: `/bulk/v1/leads/export/${ID}/cancel.json` }]);
  });
});

describe('listExportJobs', () => {
  it('gives the jobs of all pages, whatever their state', async () => {
    marketo.willReply(
      success([COMPLETED], { nextPageToken: 'more==' }),
      success([{ exportId: 'another', status: 'Canceled' }]),
    );
    const jobs = await listExportJobs(client);
    expect(jobs.map(({ exportId, status }) => [exportId, status])).toEqual([
      [ID, 'Completed'],
      ['another', 'Cancelled'],
    ]);
    expect(marketo.requests).toMatchObject([
      { method: 'GET', path: '/bulk/v1/leads/export.json', query: { batchSize: '300' } },
      { query: { batchSize: '300', nextPageToken: 'more==' } },
    ]);
  });

  it('gives none where there is no result', async () => {
    marketo.willReply(success(), success([]));
    expect(await listExportJobs(client)).toEqual([]);
    expect(await listExportJobs(client)).toEqual([]);
  });
});

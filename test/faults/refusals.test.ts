import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../simulator/faults.js';
import { failureOf } from '../workflows/harness.js';
import { quiet, withService } from '../end-to-end/harness.js';
import { error, JOBS, onAllJobs, onJob } from './survives.js';

beforeAll(quiet);

interface Refusal {
  readonly type: string;
  readonly says: string;
  /** Calls of the endpoint at most. @default 1 */
  readonly calls?: number;
}

const PERMANENT: readonly (readonly [string, Fault, Refusal])[] = [
  [
    '603 at create',
    { endpoint: 'create', effect: error('603', 'Access denied') },
    { type: 'MarketoAccess', says: 'Read-Only Lead' },
  ],
  ...(['1011', '1022', '718', '799', '1099'] as const).map((code): readonly [string, Fault, Refusal] => [
    `${code} at create`,
    { endpoint: 'create', effect: error(code, 'Not this way') },
    { type: 'MarketoRefused', says: `${code} (create` },
  ]),
  [
    '1004 at status',
    { endpoint: 'status', effect: error('1004', 'Not this way') },
    // Twice for each window, which do not know of each other: the second one before its job would be cancelled.
    { type: 'WindowsFailed', says: '1004 (status', calls: 6 },
  ],
  [
    '302 at create',
    {
      endpoint: 'create',
      effect: { kind: 'http', status: 302, headers: { location: 'https://login.example.com/x?y=1' } },
    },
    { type: 'MarketoRefused', says: 'MARKETO_ENDPOINT redirects to login.example.com' },
  ],
  [
    '1035 at create',
    { endpoint: 'create', effect: error('1035', 'Unsupported filter type') },
    { type: 'MarketoAccess', says: '1035' },
  ],
  [
    '1003 at create',
    { endpoint: 'create', effect: error('1003', 'Too many results match') },
    { type: 'MarketoRefused', says: 'Too many results match' },
  ],
  [
    '401 at identity',
    {
      endpoint: 'identity',
      effect: { kind: 'http', status: 401, body: '{"error":"unauthorized"}', contentType: 'application/json' },
    },
    // Folders and leads are both asked for.
    { type: 'MarketoAccess', says: 'MARKETO_CLIENT_SECRET', calls: 2 },
  ],
];

describe('what will never work fails at once, says what to do and leaves nothing behind', () => {
  it.concurrent.each(PERMANENT)('%s', (_name, fault, { type, says, calls = 1 }) =>
    withService({}, async (service) => {
      service.simulator.faults.inject(fault);
      const failure = await failureOf((await service.start()).result());
      expect(failure.type).toBe(type);
      expect(failure.message).toContain(says);
      expect(service.calls(fault.endpoint).length).toBeLessThanOrEqual(calls);
      await service.expectNothingLeft();
      expect(
        (await service.keys()).filter((key) => key.startsWith('out/leads.csv') && !key.includes('/parts/')),
      ).toEqual([]);
    }),
  );
});

describe('a window that is beyond help', () => {
  it.concurrent('fails naming both counts when records and checksum contradict each other, without another job', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject(onJob(0, { kind: 'wrongRecordCount', by: 1 }));
      const failure = await failureOf((await service.start()).result());
      const records = service.simulator.jobs.all[1]?.facts?.records ?? NaN;
      expect(failure.type).toBe('WindowsFailed');
      expect(failure.message).toContain(`not the ${records + 1} records that Marketo told`);
      expect(failure.message).toContain(`${records} records were counted`);
      expect(service.simulator.jobs.all.length).toBe(JOBS);
      expect(service.simulator.jobs.all.map(({ downloads }) => downloads)).toEqual([0, 1, 1, 1]);
      await service.expectNothingLeft();
    }),
  );

  it.concurrent('does not stop the others, and the next run of the same id exports only what is missing', () =>
    withService({}, async (service) => {
      const workflowId = `again-${service.bucket}`;
      service.simulator.faults.inject(onJob(1, { kind: 'wrongRecordCount', by: 5 }));
      const failure = await failureOf((await service.start({}, workflowId)).result());
      expect(failure.message).toContain('1 of 3 windows failed');
      expect((await service.keys()).filter((key) => key.endsWith('.csv'))).toHaveLength(3);

      const before = service.simulator.jobs.all.length;
      const result = await (await service.start({}, workflowId)).result();
      // One for the window, and one that checks the fields of the plan that it keeps.
      expect(service.simulator.jobs.all.length - before).toBe(2);
      await service.expectRightAndClean(result);
      const manifest = await service.manifest();
      expect(manifest.windows.map(({ takenOver }) => takenOver)).toEqual([true, false, true]);
    }),
  );

  it.concurrent('is exported anew, parts and all, when the next run asks for something else', () =>
    withService({}, async (service) => {
      const workflowId = `other-${service.bucket}`;
      service.simulator.faults.inject(onJob(1, { kind: 'wrongRecordCount', by: 5 }));
      await failureOf((await service.start({}, workflowId)).result());
      const before = service.simulator.jobs.all.length;
      const result = await (await service.start({ fields: ['email'] }, workflowId)).result();
      expect(service.simulator.jobs.all.length - before).toBe(JOBS);
      const expected = await service.expected(result, { fields: 'email' });
      expect((await service.read('out/leads.csv')).equals(expected)).toBe(true);
    }),
  );

  it.concurrent('fails naming both counts where Marketo tells no records and a file that has some', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject(onJob(0, { kind: 'recordCount', is: 0 }));
      const failure = await failureOf((await service.start()).result());
      const records = service.simulator.jobs.all[1]?.facts?.records ?? NaN;
      expect(failure.message).toContain('not the 0 records that Marketo told');
      expect(failure.message).toContain(`${records} records were counted`);
      await service.expectNothingLeft();
    }),
  );

  it.concurrent('leaves no upload behind, of other windows neither', () =>
    withService({}, async (service) => {
      // The upload of the first window's first file was begun when that turned out to be gone.
      service.simulator.faults.inject(onJob(0, { kind: 'fileExpired' }));
      service.simulator.faults.inject(onJob(2, { kind: 'wrongRecordCount', by: 1 }));
      const failure = await failureOf((await service.start()).result());
      expect(failure.message).toContain('2024-03-03T00:00:00Z to 2024-03-20T00:00:00Z: The file has the checksum');
      await service.expectNothingLeft();
    }),
  );

  it.concurrent('fails naming both counts where the file is a header alone', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject(onJob(0, { kind: 'fileHeaderOnly' }));
      const failure = await failureOf((await service.start()).result());
      const records = service.simulator.jobs.all[1]?.facts?.records ?? NaN;
      expect(failure.message).toContain(`not the ${records} records that Marketo told`);
      expect(failure.message).toContain('0 records were counted');
      expect(service.simulator.jobs.all.length).toBe(JOBS);
    }),
  );

  it.concurrent('fails where a file lacks a field that was named', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject(onAllJobs({ kind: 'fileColumns', drop: ['email'] }));
      const failure = await failureOf((await service.start({ fields: ['email', 'firstName', 'createdAt'] })).result());
      expect(failure.message).toContain('The file lacks fields that "fields" names: email');
      // No other job would help; the three windows fail each for itself.
      expect(service.simulator.jobs.all.length).toBe(JOBS);
      await service.expectNothingLeft();
    }),
  );

  it.concurrent.each([
    [
      'line ends',
      { kind: 'fileCrlf' },
      'line ends or quotes are written another way, which "quoting": "asIs" leaves as they are',
    ],
    ['order', { kind: 'fileColumns', reverse: true }, 'the columns are in another order'],
    ['columns', { kind: 'fileColumns', extra: ['extra__c'] }, 'it has extra__c in addition'],
  ] as const)('leaves the next start a way where one file differs from the others in %s', (_what, effect, says) =>
    withService({}, async (service) => {
      const workflowId = `headers-${service.bucket}`;
      service.simulator.faults.inject(onJob(1, effect));
      const failure = await failureOf((await service.start({ quoting: 'asIs' }, workflowId)).result());
      expect(failure).toMatchObject({
        type: 'MergeMismatch',
        message: `The header of the window 2024-02-01T00:00:00Z differs from that of the window 2024-01-01T00:00:00Z: ${says}`,
      });
      expect((await service.keys()).filter((key) => key.startsWith('out/leads'))).toEqual([]);

      const before = service.simulator.jobs.all.length;
      const result = await (await service.start({ quoting: 'asIs' }, workflowId)).result();
      await service.expectRightAndClean(result, 'asIs');
      // The odd one anew, and the check of the fields.
      expect(service.simulator.jobs.all.length - before).toBe(2);
    }),
  );
});

describe('a run that cannot go on as it was planned', () => {
  it.concurrent('names the field that was deleted meanwhile, and the next start does without it', () =>
    withService({}, async (service) => {
      const { simulator } = service;
      const workflowId = `deleted-${service.bucket}`;
      // The first window's job is made; the second's is to come.
      simulator.faults.inject({ endpoint: 'file', nth: 1, effect: { kind: 'slow', bytesPerSecond: 100_000 } });
      const handle = await service.start({}, workflowId);
      while (simulator.jobs.all.length < 2) await sleep(20);
      simulator.fields.drop(['title']);
      const failure = await failureOf(handle.result());
      expect(failure.message).toContain('title');
      await service.expectNothingLeft();

      const result = await (await service.start({}, workflowId)).result();
      await service.expectRightAndClean(result);
      expect((await service.manifest()).columns.map(({ name }) => name)).not.toContain('title');
    }),
  );
});

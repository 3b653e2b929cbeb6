import { beforeAll, describe, expect } from '@jest/globals';
import type { DateForm } from '../../simulator/effects.js';
import { quiet, type Service } from '../end-to-end/harness.js';
import { onAllJobs, onJob, survives, type Case } from './survives.js';

beforeAll(quiet);

const LONG_REASON = {
  kind: 'jobFails',
  message: 'No room for ann@example.com with {token}',
  bytes: 3_000_000,
} as const;

describe('the output is the same when something goes wrong with jobs', () => {
  survives([
    { name: 'Marketo fails a job', faults: [onJob(0, { kind: 'jobFails', message: 'Internal' })], moreJobs: 1 },
    { name: 'a job is Cancelled', faults: [onJob(0, { kind: 'jobCancelled', spelling: 'Cancelled' })], moreJobs: 1 },
    { name: 'a job is Canceled', faults: [onJob(0, { kind: 'jobCancelled', spelling: 'Canceled' })], moreJobs: 1 },
    { name: 'a job vanishes', faults: [onJob(0, { kind: 'jobVanishes' })], moreJobs: 1 },
    { name: 'the file of a completed job is gone', faults: [onJob(0, { kind: 'fileExpired' })], moreJobs: 1 },
    { name: 'a checksum that the file never has', faults: [onJob(0, { kind: 'wrongChecksum' })], moreJobs: 1 },
    { name: 'a job that does not tell its number of records', faults: [onJob(0, { kind: 'noRecordCount' })] },
    {
      name: 'two jobs of one window are lost',
      faults: [onJob(0, { kind: 'jobCancelled', spelling: 'Cancelled' }), onJob(1, { kind: 'jobVanishes' })],
      moreJobs: 2,
    },
    {
      name: 'jobs over more than 20 days cannot be made',
      faults: [onAllJobs({ kind: 'jobFails', longerThanDays: 20 })],
      // Two jobs are lost for each of the two long windows, and each is made in two halves.
      moreJobs: 2 * 3,
      warns: [/2024-01-01 → 2024-01-31 was exported in halves/, /2024-02-01 → 2024-03-02 was exported in halves/],
      check: (_, { windows }) => {
        expect(windows).toHaveLength(5);
      },
    },
    {
      name: 'a job fails with 3 MB of text, an address and the token in it',
      faults: [onJob(0, LONG_REASON), onJob(1, LONG_REASON)],
      moreJobs: 3,
      warns: [/exported in halves/],
      check: async (service, { warnings }) => {
        expect(JSON.stringify(warnings).length).toBeLessThan(2000);
        const histories = await historiesOf(service);
        for (const told of [JSON.stringify(warnings), histories]) {
          expect(told).not.toContain('ann@example.com');
          expect(told).not.toContain(service.simulator.identity.issue().access_token);
        }
        expect(histories.length).toBeLessThan(1_000_000);
      },
    },
    ...['offset', 'noZone', 'space', 'empty', 'null'].map((form): Case => ({
      name: `dates of jobs come in the form ${form}, numbers as text`,
      faults: [onAllJobs({ kind: 'jobDates', form: form as DateForm }), onAllJobs({ kind: 'numbersAsText' })],
    })),
    {
      name: 'checksums come bare, in capitals and by another key',
      faults: [
        onJob(0, { kind: 'checksumForm', form: 'bare' }),
        onJob(1, { kind: 'checksumForm', form: 'upperCase' }),
        onJob(2, { kind: 'checksumForm', form: 'otherKey' }),
      ],
    },
    {
      name: 'fileSize is off by some bytes',
      faults: [onJob(0, { kind: 'wrongFileSize', by: 12 }), onJob(1, { kind: 'wrongFileSize', by: -12 })],
      warns: [/fileSize of [\d,]+ bytes; the file with its checksum has [\d,]+/],
    },
    ...[-200_000, 200_000].map((clockSkewSeconds): Case => ({
      name: `the clock of the instance is wrong by ${clockSkewSeconds} s`,
      options: { clockSkewSeconds },
    })),
    {
      name: 'a job that nobody knows is 610 and 404',
      options: { unknownJob: '404' },
      faults: [onJob(0, { kind: 'jobVanishes' })],
      moreJobs: 1,
    },
  ]);
});

/** All that Temporal keeps of the run and its windows, as text. */
async function historiesOf({ client, lastWorkflowId = '' }: Service): Promise<string> {
  const ids = [lastWorkflowId, `${lastWorkflowId}/2024-01-01T00:00:00Z`];
  const histories = await Promise.all(ids.map((id) => client.workflow.getHandle(id).fetchHistory()));
  const payloads = JSON.stringify(histories, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  );
  return payloads;
}

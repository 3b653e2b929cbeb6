import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readHeartbeat, type HeartbeatDetails } from '../../src/contract/heartbeat.js';

/** Details with something in each field. */
const FULL: Required<HeartbeatDetails> = {
  failures: 3,
  failingSince: 1_700_000_000_000,
  oddShapeSince: 1_700_000_000_001,
  unexpectedErrors: 1,
  fullQueues: 2,
  wait: { reason: 'queueFull', message: 'full', since: '2024-01-01T00:00:00Z', until: '2024-01-02T00:00:00Z' },
  checkJob: 'check',
  oldest: {
    instance: 'host',
    folderPages: { pages: 2, offset: 220, oldest: 1_200_000_000_000, ended: true },
    leads: 1_100_000_000_000,
  },
  exportId: 'export',
  lostCreates: 4,
  waitedForQuota: true,
  phase: 'processing',
  statusCalls: 5,
  awaitingSince: 1_700_000_000_002,
  processingSince: 1_700_000_000_003,
  unknownSince: 1_700_000_000_004,
  uploadId: 'upload',
  uploadedBytes: 6,
};
const FIELDS = Object.keys(FULL) as (keyof HeartbeatDetails)[];
const NOTHING = readHeartbeat(undefined);

/** What no field of any kind can be. */
const odd = fc.oneof(
  fc.constant(null),
  fc.array(fc.anything()),
  fc.constant({ reason: 'boredom', message: 'm', since: 's' }),
  fc.dictionary(fc.constantFrom('reason', 'message', 'until'), fc.string()),
);

describe('heartbeat details', () => {
  it('are read as they were left', () => {
    expect(Object.keys(NOTHING).every((field) => field in FULL)).toBe(true);
    expect(readHeartbeat(JSON.parse(JSON.stringify(FULL)))).toEqual(FULL);
  });

  it('that are odd in some fields are known in all others', () => {
    const change = fc.dictionary(fc.constantFrom(...FIELDS), odd);
    fc.assert(
      fc.property(change, (changed) => {
        const read = readHeartbeat({ ...FULL, ...changed });
        for (const field of FIELDS) {
          expect([field, read[field]]).toEqual([field, (field in changed ? NOTHING : FULL)[field]]);
        }
      }),
    );
  });

  it('that are missing, or have keys of another version, cost nothing that is there', () => {
    fc.assert(
      fc.property(fc.subarray(FIELDS), fc.string(), fc.jsonValue(), (left, key, value) => {
        fc.pre(!(key in FULL) && key !== '__proto__');
        const details = Object.fromEntries(left.map((field) => [field, FULL[field]]));
        expect(readHeartbeat({ ...details, [key]: value })).toEqual({ ...NOTHING, ...details });
      }),
    );
  });

  it.each([undefined, null, 'text', 7, true, [], [1, 2]])('that are %j tell nothing', (details) => {
    expect(readHeartbeat(details)).toEqual(NOTHING);
  });
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault, FaultEffect } from '../../simulator/faults.js';
import { failureOf } from '../workflows/harness.js';
import { quiet, withService, type Service } from './harness.js';

beforeAll(quiet);

/** The field check makes two creates, since a field of the instance is not exportable; those of the windows come after them. */
const FIRST_WINDOW = 3;
const SECOND_WINDOW = 4;

/** Jobs of a run without faults: three windows and the field check. */
const JOBS = 4;

interface Case {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** Jobs beyond those of a run without faults: exactly as many as the fault needs. */
  readonly moreJobs?: number;
  /** How often the fault must have struck for the case to say anything. */
  readonly strikes?: number;
}

const HTML = '<html><body>Bad gateway</body></html>';
const http = (status: number, headers: Record<string, string> = {}): FaultEffect => ({
  kind: 'http',
  status,
  body: HTML,
  headers,
});
const error = (code: string, message: string): FaultEffect => ({ kind: 'error', code, message });
const onFirstWindow = (effect: FaultEffect): Fault => ({ endpoint: 'create', nth: FIRST_WINDOW, effect });

const API: readonly Case[] = [
  ...(['identity', 'folders', 'describe', 'create', 'enqueue', 'status', 'file'] as const).flatMap(
    (endpoint): Case[] => [
      { name: `${endpoint} answers 502 with HTML`, faults: [{ endpoint, nth: 1, effect: http(502) }] },
      {
        name: `the connection is reset before ${endpoint} acts`,
        faults: [{ endpoint, nth: 1, effect: { kind: 'reset' } }],
      },
    ],
  ),
  ...(['503', '504'] as const).map((status) => ({
    name: `enqueue answers ${status} with HTML`,
    faults: [{ endpoint: 'enqueue' as const, nth: 2, effect: http(Number(status)) }],
  })),
  {
    name: 'status answers 500 with HTML three times',
    faults: [{ endpoint: 'status', times: 3, effect: http(500) }],
    strikes: 3,
  },
  {
    name: 'create answers 429 with Retry-After',
    faults: [{ endpoint: 'create', nth: 2, effect: http(429, { 'retry-after': '1' }) }],
  },
  {
    name: 'the token expires before the second enqueue',
    faults: [{ endpoint: 'enqueue', nth: 2, effect: { kind: 'expireToken' } }],
  },
  {
    name: 'the token expires before three status calls in a row',
    faults: [{ endpoint: 'status', times: 3, effect: { kind: 'expireToken' } }],
    strikes: 3,
  },
  {
    name: 'a refused token is handed out again while it dies',
    faults: [{ endpoint: 'status', nth: 1, effect: { kind: 'dyingToken', secondsLeft: 3 } }],
  },
  {
    name: '600 instead of an answer',
    faults: [{ endpoint: 'create', nth: FIRST_WINDOW, effect: error('600', 'Empty access token') }],
  },
  { name: '604 at status', faults: [{ endpoint: 'status', nth: 1, effect: error('604', 'Request time-out') }] },
  {
    name: '606 at create',
    faults: [
      {
        endpoint: 'create',
        nth: FIRST_WINDOW,
        effect: error('606', "Max rate limit '100' exceeded with in '20' secs"),
      },
    ],
  },
  {
    name: '608 at enqueue',
    faults: [{ endpoint: 'enqueue', nth: 1, effect: error('608', 'API Temporarily Unavailable') }],
  },
  { name: '611 at folders', faults: [{ endpoint: 'folders', nth: 1, effect: error('611', 'System error') }] },
  {
    name: '615 at describe',
    faults: [{ endpoint: 'describe', nth: 1, effect: error('615', 'Concurrent access limit reached') }],
  },
  { name: '713 at status', faults: [{ endpoint: 'status', nth: 2, effect: error('713', 'Transient Error') }] },
  {
    name: 'a code that nobody knows at status',
    faults: [{ endpoint: 'status', nth: 1, effect: error('4711', 'Something new') }],
  },
  {
    name: 'a full queue, three times',
    faults: [{ endpoint: 'enqueue', times: 3, effect: error('1029', 'Too many jobs (10) in queue') }],
    strikes: 3,
  },
  {
    name: 'a full queue at create',
    faults: [{ endpoint: 'create', nth: FIRST_WINDOW, effect: error('1029', 'Too many jobs in queue') }],
  },
  { name: 'an unknown meaning of 1029', faults: [{ endpoint: 'enqueue', nth: 1, effect: error('1029', 'Not now') }] },
  {
    name: 'the answer of create is lost',
    faults: [{ endpoint: 'create', nth: FIRST_WINDOW, effect: { kind: 'resetAfter' } }],
    moreJobs: 1,
  },
  {
    name: 'the answer of create is cut',
    faults: [{ endpoint: 'create', nth: FIRST_WINDOW, effect: { kind: 'truncateBody' } }],
    moreJobs: 1,
  },
  {
    name: 'create answers without a result',
    faults: [{ endpoint: 'create', nth: FIRST_WINDOW, effect: { kind: 'noResult' } }],
  },
  { name: 'the answer of enqueue is lost', faults: [{ endpoint: 'enqueue', nth: 1, effect: { kind: 'resetAfter' } }] },
  { name: 'the answer of enqueue is cut', faults: [{ endpoint: 'enqueue', nth: 1, effect: { kind: 'truncateBody' } }] },
  { name: 'the answer of status is cut', faults: [{ endpoint: 'status', nth: 1, effect: { kind: 'truncateBody' } }] },
  { name: 'status answers without a result', faults: [{ endpoint: 'status', nth: 1, effect: { kind: 'noResult' } }] },
  {
    name: 'enqueue hangs and then breaks',
    faults: [{ endpoint: 'enqueue', nth: 1, effect: { kind: 'hang', seconds: 3 } }],
  },
];

const OF_JOBS: readonly Case[] = [
  { name: 'Marketo fails a job', faults: [onFirstWindow({ kind: 'jobFails', message: 'Internal' })], moreJobs: 1 },
  { name: 'a job is Cancelled', faults: [onFirstWindow({ kind: 'jobCancelled', spelling: 'Cancelled' })], moreJobs: 1 },
  { name: 'a job is Canceled', faults: [onFirstWindow({ kind: 'jobCancelled', spelling: 'Canceled' })], moreJobs: 1 },
  { name: 'a job vanishes', faults: [onFirstWindow({ kind: 'jobVanishes' })], moreJobs: 1 },
  { name: 'the file of a completed job is gone', faults: [onFirstWindow({ kind: 'fileExpired' })], moreJobs: 1 },
  { name: 'a checksum that the file never has', faults: [onFirstWindow({ kind: 'wrongChecksum' })], moreJobs: 1 },
  { name: 'a job that does not tell its number of records', faults: [onFirstWindow({ kind: 'noRecordCount' })] },
  {
    name: 'two jobs of one window are lost',
    faults: [
      onFirstWindow({ kind: 'jobFails' }),
      { endpoint: 'create', nth: FIRST_WINDOW + 1, effect: { kind: 'jobFails' } },
    ],
    moreJobs: 2,
    strikes: 2,
  },
];

const DOWNLOADS: readonly Case[] = [
  ...[0, 1, 333, 10_000].map((bytes) => ({
    name: `a download breaks after ${bytes} bytes`,
    faults: [{ endpoint: 'file' as const, nth: 1, effect: { kind: 'cutAfterBytes' as const, bytes } }],
  })),
  {
    name: 'every download breaks again and again',
    faults: [{ endpoint: 'file', times: 6, effect: { kind: 'cutAfterBytes', bytes: 9000 } }],
    strikes: 6,
  },
  {
    name: 'a download stalls with the connection open',
    faults: [{ endpoint: 'file', nth: 1, effect: { kind: 'stallAfterBytes', bytes: 5000 } }],
  },
  {
    name: 'a download ends early and cleanly',
    faults: [{ endpoint: 'file', nth: 1, effect: { kind: 'shortCleanEnd', bytes: 20_000 } }],
  },
  {
    name: 'a range is ignored after a break',
    faults: [
      { endpoint: 'file', nth: 1, effect: { kind: 'cutAfterBytes', bytes: 20_000 } },
      { endpoint: 'file', nth: 2, effect: { kind: 'ignoreRange' } },
    ],
    strikes: 2,
  },
  {
    name: 'a Content-Range is not what was asked for',
    faults: [
      { endpoint: 'file', nth: 1, effect: { kind: 'cutAfterBytes', bytes: 20_000 } },
      { endpoint: 'file', nth: 2, effect: { kind: 'wrongContentRange' } },
    ],
    strikes: 2,
  },
  {
    name: 'one bit is turned on the way',
    faults: [{ endpoint: 'file', nth: 1, effect: { kind: 'flipBit', atByte: 1234 } }],
  },
  {
    name: 'the bits of both downloads of a job are turned',
    faults: [{ endpoint: 'file', times: 2, effect: { kind: 'flipBit', atByte: 1234 } }],
    moreJobs: 1,
    strikes: 2,
  },
  {
    name: 'a JSON error with status 200 instead of the file',
    faults: [
      {
        endpoint: 'file',
        nth: 1,
        effect: { kind: 'jsonInsteadOfFile', code: '608', message: 'API Temporarily Unavailable' },
      },
    ],
  },
  {
    name: 'an expired token told in place of the file',
    faults: [
      { endpoint: 'file', nth: 1, effect: { kind: 'jsonInsteadOfFile', code: '602', message: 'Access token expired' } },
    ],
  },
  {
    name: 'HTML with status 200 instead of the file',
    faults: [{ endpoint: 'file', nth: 1, effect: { kind: 'htmlInsteadOfFile' } }],
  },
  {
    name: 'the file is not there yet, twice',
    faults: [{ endpoint: 'file', times: 2, effect: { kind: 'file404' } }],
    strikes: 2,
  },
];

describe.each([
  ['the API', API],
  ['jobs', OF_JOBS],
  ['downloads', DOWNLOADS],
] as const)('the output is the same when something goes wrong with %s', (_what, cases) => {
  it.concurrent.each(cases)('$name', ({ faults, moreJobs = 0, strikes = 1 }) =>
    withService({}, async (service) => {
      for (const fault of faults) service.simulator.faults.inject(fault);
      const result = await service.extract();
      expect(struck(service)).toBeGreaterThanOrEqual(strikes);
      await service.expectRightAndClean(result);
      // The length alone: the jobs themselves would fill pages.
      expect(service.simulator.jobs.all.length).toBe(JOBS + moreJobs);
      expect(service.simulator.calls.violations).toEqual([]);
    }),
  );
});

const PERMANENT: readonly (readonly [string, Fault, { type: string; says: string }])[] = [
  [
    '603 at create',
    { endpoint: 'create', effect: error('603', 'Access denied') },
    { type: 'MarketoAccess', says: 'Read-Only Lead' },
  ],
  [
    '603 at folders',
    { endpoint: 'folders', effect: error('603', 'Access denied') },
    { type: 'MarketoAccess', says: 'Read-Only Assets' },
  ],
  [
    '610 at describe',
    { endpoint: 'describe', effect: error('610', 'Requested resource not found') },
    { type: 'MarketoRefused', says: 'MARKETO_ENDPOINT' },
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
    { type: 'MarketoAccess', says: 'MARKETO_CLIENT_SECRET' },
  ],
];

describe('what will never work fails at once, says what to do and leaves nothing behind', () => {
  it.concurrent.each(PERMANENT)('%s', (_name, fault, { type, says }) =>
    withService({}, async (service) => {
      service.simulator.faults.inject(fault);
      const failure = await failureOf((await service.start()).result());
      expect(failure.type).toBe(type);
      expect(failure.message).toContain(says);
      expect(service.calls(fault.endpoint)).toHaveLength(1);
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
      service.simulator.faults.inject(onFirstWindow({ kind: 'wrongRecordCount', by: 1 }));
      const failure = await failureOf((await service.start()).result());
      const records = service.simulator.jobs.all[1]?.facts?.records ?? NaN;
      expect(failure.type).toBe('WindowsFailed');
      expect(failure.message).toContain(`not ${records + 1} records: ${records} records were counted`);
      expect(service.simulator.jobs.all.length).toBe(JOBS);
      expect(service.simulator.jobs.all.map(({ downloads }) => downloads)).toEqual([0, 1, 1, 1]);
      await service.expectNothingLeft();
    }),
  );

  it.concurrent('does not stop the others, and the next run of the same id exports only what is missing', () =>
    withService({}, async (service) => {
      const workflowId = `again-${service.bucket}`;
      service.simulator.faults.inject({
        endpoint: 'create',
        nth: SECOND_WINDOW,
        effect: { kind: 'wrongRecordCount', by: 5 },
      });
      const failure = await failureOf((await service.start({}, workflowId)).result());
      expect(failure.message).toContain('1 of 3 windows failed');
      expect((await service.keys()).filter((key) => key.endsWith('.csv'))).toHaveLength(3);

      const before = service.simulator.jobs.all.length;
      const result = await (await service.start({}, workflowId)).result();
      expect(service.simulator.jobs.all.length - before).toBe(1);
      await service.expectRightAndClean(result);
      const manifest = await service.manifest();
      expect(manifest.windows.map(({ takenOver }) => takenOver)).toEqual([true, false, true]);
    }),
  );

  it.concurrent('is exported anew, parts and all, when the next run asks for something else', () =>
    withService({}, async (service) => {
      const workflowId = `other-${service.bucket}`;
      service.simulator.faults.inject({
        endpoint: 'create',
        nth: SECOND_WINDOW,
        effect: { kind: 'wrongRecordCount', by: 5 },
      });
      await failureOf((await service.start({}, workflowId)).result());
      const before = service.simulator.jobs.all.length;
      const result = await (await service.start({ fields: ['email'] }, workflowId)).result();
      expect(service.simulator.jobs.all.length - before).toBe(JOBS);
      const expected = await service.expected(result, { fields: 'email' });
      expect((await service.read('out/leads.csv')).equals(expected)).toBe(true);
    }),
  );
});

function struck(service: Service): number {
  return Object.values(service.simulator.faults.struck).reduce((sum, count) => sum + count, 0);
}

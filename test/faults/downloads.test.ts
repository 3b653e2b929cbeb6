import { beforeAll, describe } from '@jest/globals';
import { quiet } from '../end-to-end/harness.js';
import { survives } from './survives.js';

beforeAll(quiet);

describe('the output is the same when something goes wrong with downloads', () => {
  survives([
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
        {
          endpoint: 'file',
          nth: 1,
          effect: { kind: 'jsonInsteadOfFile', code: '602', message: 'Access token expired' },
        },
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
  ]);
});

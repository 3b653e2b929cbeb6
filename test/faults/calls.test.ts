import { beforeAll, describe } from '@jest/globals';
import { quiet } from '../end-to-end/harness.js';
import { error, FIRST_WINDOW, http, survives, type Case } from './survives.js';

beforeAll(quiet);

describe('the output is the same when something goes wrong with the API', () => {
  survives([
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
    {
      name: 'the answer of enqueue is lost',
      faults: [{ endpoint: 'enqueue', nth: 1, effect: { kind: 'resetAfter' } }],
    },
    {
      name: 'the answer of enqueue is cut',
      faults: [{ endpoint: 'enqueue', nth: 1, effect: { kind: 'truncateBody' } }],
    },
    { name: 'the answer of status is cut', faults: [{ endpoint: 'status', nth: 1, effect: { kind: 'truncateBody' } }] },
    { name: 'status answers without a result', faults: [{ endpoint: 'status', nth: 1, effect: { kind: 'noResult' } }] },
    {
      name: 'enqueue hangs and then breaks',
      faults: [{ endpoint: 'enqueue', nth: 1, effect: { kind: 'hang', seconds: 3 } }],
    },
    { name: 'each connection is closed right after its answer', options: { connections: 'closed' } },
    { name: 'each connection is reset when it is used again', options: { connections: 'stale' } },
    { name: 'tokens live for 2 s', options: { tokenLifeSeconds: 2 } },
    {
      name: '401 in passing',
      faults: [{ endpoint: 'status', times: 4, effect: http(401) }],
      strikes: 4,
    },
    {
      name: 'expires_in is a string',
      faults: [{ endpoint: 'identity', effect: { kind: 'expiresInAsText' } }],
    },
    {
      name: 'a small answer is 400 MB unpacked',
      faults: [{ endpoint: 'status', nth: 1, effect: { kind: 'gzipBomb', bytes: 400_000_000 } }],
    },
    {
      name: 'an answer comes late, after it was done',
      faults: [{ endpoint: 'enqueue', nth: 1, effect: { kind: 'delay', seconds: 2 } }],
    },
  ]);
});

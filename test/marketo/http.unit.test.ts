import dns from 'node:dns';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createExportJob } from '../../src/marketo/lead-export.js';
import { marketoFailureOf } from './helpers/failure.js';
import { CREDENTIALS, ScriptedMarketo } from './helpers/scripted-marketo.js';
import { createMarketoClient } from '../../src/marketo/client.js';

const JOB = { fields: ['id'], startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-02T00:00:00Z' };

afterEach(() => {
  jest.restoreAllMocks();
});

/** Lets names be looked up as long as it says, and then fails. */
function failLookups(code: string, lookupsBefore: number): void {
  let lookups = 0;
  const lookup = (_host: string, options: object, done: (error: Error | null, ...found: unknown[]) => void): void => {
    const all = 'all' in options && options.all === true;
    if (lookups++ >= lookupsBefore) done(Object.assign(new Error(`getaddrinfo ${code}`), { code }));
    else if (all) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  };
  jest.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup);
}

describe('a create that never left', () => {
  it.each(['EAI_AGAIN', 'ENOTFOUND', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'])(
    'is not taken for one whose answer was lost: %s',
    async (code) => {
      const marketo = await ScriptedMarketo.start();
      try {
        const { port } = new URL(marketo.origin);
        const client = createMarketoClient({ endpoint: `http://marketo.test:${port}`, ...CREDENTIALS });
        // The token can still be fetched; the create goes out on a connection of its own.
        failLookups(code, 1);
        const error = await marketoFailureOf(createExportJob(client, JOB));
        expect(error).toMatchObject({ code: 'NETWORK', action: 'retry', outcomeUnknown: false });
        expect(error.message).toContain(code);
        expect(marketo.identityRequests).toHaveLength(1);
        expect(marketo.requests).toEqual([]);
      } finally {
        await marketo.stop();
      }
    },
  );
});

import { Agent, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { createGunzip } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { FaultEffect } from '../../simulator/faults.js';
import { steer } from './control.js';
import { errorOf, withInstance, type Instance } from './instance.js';

const FOLDERS = '/rest/asset/v1/folders.json';

/** A call over one kept connection, with its answer unread. */
async function call(instance: Instance, agent: Agent, path = FOLDERS): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${instance.simulator.identity.issue().access_token}` };
  const sent = request(`${instance.simulator.url}${path}`, { agent, headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

/** Reads an answer to its end, and lets its connection go back to the agent. */
async function read(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  await new Promise((resolve) => setImmediate(resolve));
  return text;
}

function withAgent(body: (instance: Instance, agent: Agent) => Promise<void>): Promise<void> {
  return withInstance({}, async (instance) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await body(instance, agent).finally(() => {
      agent.destroy();
    });
  });
}

describe('connections', () => {
  it('are kept unless switched', async () => {
    await withAgent(async (instance, agent) => {
      const first = await call(instance, agent);
      const { localPort } = first.socket;
      await read(first);
      expect((await call(instance, agent)).socket.localPort).toBe(localPort);
    });
  });

  it.each(['closed', 'closeAfter'])('are closed right after an answer that did not announce it: %s', async (how) => {
    await withAgent(async (instance, agent) => {
      if (how === 'closed') await steer(instance, 'switches', { connections: 'closed' });
      else instance.simulator.faults.inject({ endpoint: 'folders', effect: { kind: 'closeAfter' } });
      const first = await call(instance, agent);
      const closed = once(first.socket, 'close');
      expect(first.headers.connection).toBe('keep-alive');
      expect(JSON.parse(await read(first))).toMatchObject({ success: true });
      await closed;
      expect(JSON.parse(await read(await call(instance, agent)))).toMatchObject({ success: true });
    });
  });

  it('are stale for the second call, which is reset unread, and good anew for the third', async () => {
    await withAgent(async (instance, agent) => {
      await steer(instance, 'switches', { connections: 'stale' });
      expect(JSON.parse(await read(await call(instance, agent)))).toMatchObject({ success: true });
      await expect(call(instance, agent)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(JSON.parse(await read(await call(instance, agent)))).toMatchObject({ success: true });
      expect(instance.simulator.calls.records).toHaveLength(2);
    });
  });
});

describe('answers that are none of the API', () => {
  it.each([301, 302, 307])('are redirects: %s', async (status) => {
    await withInstance({}, async (instance) => {
      const headers = { location: 'https://elsewhere.example/rest/' };
      for (const endpoint of ['folders', 'describe', 'leads', 'list'] as const)
        instance.simulator.faults.inject({ endpoint, effect: { kind: 'http', status, headers } });
      for (const path of [
        FOLDERS,
        '/rest/v1/leads/describe2.json',
        '/rest/v1/leads.json',
        '/bulk/v1/leads/export.json',
      ]) {
        const answer = await instance.fetch(path, { redirect: 'manual' });
        expect([answer.status, answer.headers.get('location')]).toEqual([status, headers.location]);
      }
    });
  });

  it.each<[string, FaultEffect, number, string]>([
    ['a 401 in the middle of a run', { kind: 'http', status: 401 }, 401, ''],
    ['a page', { kind: 'http', status: 200, body: '<html>' }, 200, '<html>'],
    ['nothing', { kind: 'http', status: 200, contentType: 'application/json' }, 200, ''],
  ])('are %s', async (_, effect, status, text) => {
    await withInstance({}, async (instance) => {
      instance.simulator.faults.inject({ endpoint: 'list', nth: 2, effect });
      expect((await instance.list()).success).toBe(true);
      const answer = await instance.fetch('/bulk/v1/leads/export.json');
      expect([answer.status, await answer.text()]).toEqual([status, text]);
      expect((await instance.list()).success).toBe(true);
    });
  });

  it('unpack to far more than they are', async () => {
    await withAgent(async (instance, agent) => {
      const bytes = 50_000_000;
      instance.simulator.faults.inject({ endpoint: 'folders', nth: 1, effect: { kind: 'gzipBomb', bytes } });
      const answer = await call(instance, agent);
      expect(answer.headers['content-encoding']).toBe('gzip');
      let packed = 0;
      let unpacked = 0;
      answer.on('data', (chunk: Buffer) => {
        packed += chunk.length;
      });
      for await (const chunk of answer.pipe(createGunzip())) unpacked += (chunk as Buffer).length;
      expect(unpacked).toBe(bytes);
      expect(packed).toBeLessThan(bytes / 500);
    });
  });

  it('is small JSON that reads well when it is unpacked', async () => {
    await withInstance({}, async (instance) => {
      instance.simulator.faults.inject({ endpoint: 'folders', nth: 1, effect: { kind: 'gzipBomb', bytes: 100_000 } });
      const text = await (await instance.fetch(FOLDERS)).text();
      expect(text).toHaveLength(100_000);
      expect(JSON.parse(text)).toEqual({ requestId: expect.any(String), success: true, result: [] });
    });
  });
});

describe('an answer that is late', () => {
  it('tells of what was done long before', async () => {
    await withInstance({}, async (instance) => {
      instance.simulator.faults.inject({ endpoint: 'create', nth: 1, effect: { kind: 'delay', seconds: 0.3 } });
      let isAnswered = false;
      const answer = instance.create().finally(() => {
        isAnswered = true;
      });
      while (instance.simulator.jobs.all.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(isAnswered).toBe(false);
      expect((await answer).success).toBe(true);
    });
  });

  it('is done all the same where nobody waits for it', async () => {
    await withInstance({}, async (instance) => {
      instance.simulator.faults.inject({ endpoint: 'create', nth: 1, effect: { kind: 'delay', seconds: 60 } });
      const impatient = new AbortController();
      const answer = instance.fetch('/bulk/v1/leads/export/create.json', {
        method: 'POST',
        body: JSON.stringify({
          fields: ['id'],
          filter: { createdAt: { startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-02T00:00:00Z' } },
        }),
        headers: { 'content-type': 'application/json' },
        signal: impatient.signal,
      });
      while (instance.simulator.jobs.all.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      impatient.abort();
      await expect(answer).rejects.toThrow();
      expect((await instance.list()).result).toMatchObject([{ status: 'Created' }]);
    });
  });
});

describe('errors of any code', () => {
  // Adobe: Error Codes, as of August 2026; 1080 is of the leads' own page.
  const codes = [
    ...[500, 502, 600, 601, 602, 603, 604, 605, 606, 607, 608, 609, 610, 611, 612, 613, 614, 615, 616],
    ...[701, 702, 703, 704, 709, 710, 711, 712, 713, 714, 718, 719],
    ...Array.from({ length: 80 }, (_, index) => 1001 + index),
  ];

  it.each(['as strings', 'as numbers'])('can be injected, %s', async (how) => {
    await withInstance({}, async (instance) => {
      for (const code of codes) {
        const told = how === 'as strings' ? String(code) : code;
        instance.simulator.faults.inject({
          endpoint: 'list',
          effect: { kind: 'error', code: told, message: 'as told' },
        });
        expect((await instance.list()).errors).toEqual([{ code: told, message: 'as told' }]);
        instance.simulator.faults.clear();
      }
    });
  });

  it('may come without a message', async () => {
    await withInstance({}, async (instance) => {
      instance.simulator.faults.inject({ endpoint: 'list', effect: { kind: 'error', code: '1048' } });
      const answer = await instance.list();
      expect([answer.success, answer.errors]).toEqual([false, [{ code: '1048' }]]);
      expect(errorOf(answer)).toBe('1048 undefined');
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CREATE, errorOf, Instance, withInstance, type Answer } from './instance.js';

interface Token {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
}

const CREDENTIALS = {
  grant_type: 'client_credentials',
  client_id: 'simulator-client',
  client_secret: 'simulator-secret',
};

function identity(instance: Instance, query: Readonly<Record<string, string>>, method = 'GET'): Promise<Response> {
  return fetch(`${instance.simulator.url}/identity/oauth/token?${new URLSearchParams(query).toString()}`, { method });
}

let instance: Instance;

beforeAll(async () => {
  instance = await Instance.start();
});

afterAll(async () => {
  await instance.close();
});

describe('identity', () => {
  it.each(['GET', 'POST'])('hands the same token out again with less life left, asked by %s', async (method) => {
    await withInstance({ tokenLifeSeconds: 3600 }, async (fresh) => {
      const first = (await (await identity(fresh, CREDENTIALS, method)).json()) as Token;
      expect(first).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
      await untilTrue(async () => {
        const again = (await (await identity(fresh, CREDENTIALS, method)).json()) as Token;
        expect(again.access_token).toBe(first.access_token);
        return again.expires_in < first.expires_in;
      });
    });
  });

  it('refuses a token at its end as expired, and hands out another', async () => {
    await withInstance({ tokenLifeSeconds: 0.2 }, async (fresh) => {
      const { access_token: old } = (await (await identity(fresh, CREDENTIALS)).json()) as Token;
      let refusal: string | undefined;
      await untilTrue(async () => {
        const headers = { authorization: `Bearer ${old}` };
        refusal = errorOf((await (await fresh.fetch('/rest/asset/v1/folders.json', { headers })).json()) as Answer);
        return refusal !== undefined;
      });
      expect(refusal).toBe('602 Access token expired');
      expect(((await (await identity(fresh, CREDENTIALS)).json()) as Token).access_token).not.toBe(old);
    });
  });

  it.each([
    ['a wrong secret', { ...CREDENTIALS, client_secret: 'wrong' }, 401, 'unauthorized'],
    ['an unknown client', { ...CREDENTIALS, client_id: 'wrong' }, 401, 'invalid_client'],
    ['another grant', { ...CREDENTIALS, grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ])('refuses %s as OAuth does, not as the REST API does', async (_, query, status, error) => {
    const answer = await identity(instance, query);
    expect(answer.status).toBe(status);
    const body = (await answer.json()) as object;
    expect(body).toMatchObject({ error });
    expect(body).not.toHaveProperty('success');
  });
});

describe('every call', () => {
  it('needs a token in the header', async () => {
    const bare = await fetch(`${instance.simulator.url}/rest/v1/leads/describe2.json`);
    expect(bare.status).toBe(200);
    expect(errorOf((await bare.json()) as Answer)).toBe('603 Access denied');
  });

  it('is refused with a token that was never handed out', async () => {
    const answer = await instance.fetch('/rest/v1/leads/describe2.json', {
      headers: { authorization: 'Bearer made-up' },
    });
    expect(errorOf((await answer.json()) as Answer)).toBe('601 Access token invalid');
  });

  it('gets nothing by a token in the query, and is noted for it', async () => {
    const token = instance.simulator.identity.issue().access_token;
    const answer = await fetch(`${instance.simulator.url}/rest/v1/leads/describe2.json?access_token=${token}`);
    expect(errorOf((await answer.json()) as Answer)).toBe('603 Access denied');
    expect(instance.simulator.calls.violations).toContain('a token in the query');
  });

  it.each([
    ['POST', '/rest/asset/v1/folders.json'],
    ['GET', '/bulk/v1/leads/export/create.json'],
    ['GET', '/bulk/v1/leads/export/some-id/enqueue.json'],
    ['POST', '/bulk/v1/leads/export/some-id/status.json'],
    ['DELETE', '/bulk/v1/leads/export/some-id/file.json'],
  ])('is refused by another method: %s %s', async (method, path) => {
    const answer = await instance.fetch(path, { method });
    expect(errorOf((await answer.json()) as Answer)).toBe(`605 HTTP Method not supported: ${method}`);
  });

  it.each([
    '/rest/bulk/v1/leads/export.json',
    '/bulk/v1//leads/export.json',
    '/bulk/v1/leads/export/some-id.json',
    '/rest/v1/lead/1.json',
    '/',
  ])('is refused for a path that there is not: %s', async (path) => {
    expect(errorOf(await instance.get(path))).toBe('610 Requested resource not found');
  });

  it.each([
    ['8 KB', '/rest/v1/leads/describe2.json', 8 * 1024],
    ['65 KB where it is about assets', '/rest/asset/v1/folders.json', 65 * 1024],
  ])('is refused with HTTP 414 beyond an address of %s', async (_, path, bytes) => {
    const ofLength = (length: number): string => `${path}?${'x'.repeat(length - path.length - 1)}`;
    expect((await instance.fetch(ofLength(bytes))).status).toBe(200);
    expect((await instance.fetch(ofLength(bytes + 1))).status).toBe(414);
  });
});

describe('limits of the instance', () => {
  it('takes 100 calls in 20 seconds', async () => {
    await withInstance({}, async (busy) => {
      for (let call = 1; call <= 100; call++)
        expect((await busy.get('/rest/asset/v1/folders.json')).success).toBe(true);
      expect(errorOf(await busy.get('/rest/asset/v1/folders.json'))).toBe(
        "606 Max rate limit '100' exceeded with in '20' secs",
      );
      // Identity is not metered.
      expect((await identity(busy, CREDENTIALS)).status).toBe(200);
    });
  });

  it('takes 10 calls at once', async () => {
    await withInstance({ leads: 10_000, paddingBytes: 10_000 }, async (busy) => {
      const exportId = await busy.completed({ ...CREATE, fields: ['id', 'Notes__c'] });
      // Downloads that nobody reads stay under way.
      const downloads = await Promise.all(Array.from({ length: 10 }, () => busy.file(exportId)));
      expect(errorOf(await busy.list())).toBe('615 Concurrent access limit reached');
      await downloads[0]?.body?.cancel();
      await untilTrue(async () => (await busy.list()).success === true);
      for (const download of downloads.slice(1)) await download.body?.cancel();
    });
  });
});

async function untilTrue(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 20));
}

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ADDRESS, isLoopback, isOwnHost } from '../../src/page/hosts.js';
import { routeOf, reportPath, runPath } from '../../src/page/paths.js';
import { servePage, type PageServer } from '../../src/page/server.js';
import { runId, source, VIEWS } from './samples.js';

const COMPLETED = Object.keys(VIEWS).indexOf('completed');

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Not `fetch`, which sets `Host` by itself. */
function ask(url: string, options: { method?: string; host?: string } = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const headers = options.host === undefined ? {} : { host: options.host };
    request(url, { method: options.method ?? 'GET', headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('error', reject).on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    })
      .on('error', reject)
      .end();
  });
}

async function* chunks(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Promise.resolve(Buffer.from(text));
}

async function* brokenOff(): AsyncGenerator<Buffer> {
  yield Promise.resolve(Buffer.from('the first half'));
  throw new Error('broken off');
}

describe('the server of the page', () => {
  let server: PageServer;
  let trouble: Error | undefined;
  let asked: string[];
  let report: () => Promise<AsyncIterable<Buffer> | null>;

  beforeAll(async () => {
    const { overview } = source();
    const given = source({
      overview: () => (trouble ? Promise.reject(trouble) : overview()),
      report: (destination) => {
        asked.push(destination);
        return report();
      },
    });
    asked = [];
    server = await servePage('127.0.0.1:0', given);
  });
  afterAll(() => server.close());

  const at = (path: string): string => `${server.url}${path}`;
  const runAt = (index: number): string => at(runPath({ workflowId: 'x', runId: runId(index) }));

  it('shows the list, each run, and that it lives', async () => {
    expect(await ask(at('/'))).toMatchObject({ status: 200, body: expect.stringContaining('5 runs are open.') });
    expect(await ask(runAt(0))).toMatchObject({ status: 200, body: expect.stringContaining('2 of 6 windows done') });
    expect(await ask(at('/live'))).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it.each(['/', '/nope', '/live'])('keeps browsers from doing anything but showing it: %s', async (path) => {
    const { headers } = await ask(at(path));
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
      ),
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each(['evil.example', 'evil.example:8082', '127.0.0.1.evil.example', 'localhost.evil.example'])(
    'is not answered under the name %j',
    async (host) => {
      const { status, body } = await ask(at('/'), { host });
      expect(status).toBe(403);
      expect(body).not.toContain('runs are open');
    },
  );

  it('is answered under the names of loopback, whatever the port', async () => {
    for (const host of ['localhost:9', 'LOCALHOST', '[::1]:8082', '127.0.0.1'])
      expect(await ask(at('/'), { host })).toMatchObject({ status: 200 });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s', async (method) => {
    expect(await ask(at('/'), { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('answers HEAD without a body', async () => {
    expect(await ask(at('/'), { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('knows nothing of other paths and of runs that are not there', async () => {
    const paths = [
      '/nope',
      '/runs',
      '/runs/x',
      '/runs/x/y',
      '/runs/%ff/y',
      `/runs/x/${runId(99)}`,
      '//',
      '/../etc/passwd',
    ];
    for (const path of paths) expect(await ask(at(path))).toMatchObject({ status: 404 });
  });

  it('says what keeps it from answering, and answers again once that has passed', async () => {
    trouble = new Error('Temporal at 127.0.0.1:7233 does not <answer>');
    const { status, body } = await ask(at('/'));
    expect(status).toBe(503);
    expect(body).toContain('Temporal at 127.0.0.1:7233 does not &#60;answer&#62;');
    expect(body).toContain('data-refresh-seconds="5"');
    trouble = undefined;
    expect(await ask(at('/'))).toMatchObject({ status: 200 });
  });

  describe('asked for a report', () => {
    const path = reportPath({ workflowId: 'x', runId: runId(COMPLETED) });

    it('hands on that of the destination of the run, which may run and fetch nothing', async () => {
      report = () => Promise.resolve(chunks('<h1>', 'Leads</h1>'));
      const got = await ask(at(`${path}?destination=s3://other/x`));
      expect(got).toMatchObject({ status: 200, body: '<h1>Leads</h1>' });
      expect(got.headers['content-security-policy']).toBe(
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
      );
      expect(asked).toEqual(['s3://bucket/leads.csv']);
    });

    it('says that there is none: of a run that has not completed, where it is gone, and without S3', async () => {
      report = () => Promise.resolve(null);
      expect(await ask(at(path))).toMatchObject({ status: 404 });
      expect(await ask(at(reportPath({ workflowId: 'x', runId: runId(0) })))).toMatchObject({ status: 404 });
      const without = await servePage('127.0.0.1:0', source());
      expect(await ask(`${without.url}${path}`)).toMatchObject({ status: 404 });
      expect((await ask(`${without.url}${path.replace('/report', '')}`)).body).not.toContain('See the report');
      await without.close();
    });

    it('breaks the connection off where the report breaks off, rather than end it as if it were whole', async () => {
      report = () => Promise.resolve(brokenOff());
      await expect(ask(at(path))).rejects.toThrow();
    });
  });
});

describe('names of the page', () => {
  it('are those of loopback and the one that it was told', () => {
    expect(isOwnHost('leads.internal:80', 'leads.internal:8082')).toBe(true);
    expect(isOwnHost('other.internal:8082', 'leads.internal:8082')).toBe(false);
    expect(isOwnHost('localhost', '0.0.0.0:8082')).toBe(true);
    expect(isOwnHost('10.1.2.3:8082', '0.0.0.0:8082')).toBe(false);
    expect(isOwnHost(undefined, '127.0.0.1:8082')).toBe(false);
    for (const host of ['a b', 'x/y', 'user@localhost', 'localhost:1:2', '[::1', '::1'])
      expect(isOwnHost(host, 'a b:8082')).toBe(false);
  });

  it('tell whether only this machine reaches it', () => {
    expect(['127.0.0.1:1', 'localhost:1', '[::1]:1', '127.1.2.3:1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0:1', '[::]:1', '10.0.0.1:1', 'host:1'].some(isLoopback)).toBe(false);
    expect(['127.0.0.1', 'host', ':80', 'a/b:1', 'host:x'].some((address) => ADDRESS.test(address))).toBe(false);
  });
});

describe('the path of a run', () => {
  it('stands for that run, whatever its id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.uuid(), (workflowId, id) => {
        const run = { workflowId, runId: id };
        expect(routeOf(runPath(run))).toEqual({ page: 'run', run });
        expect(routeOf(`${reportPath(run)}?x=1`)).toEqual({ page: 'report', run });
      }),
    );
  });

  it('has the run id of a run, which Temporal refuses otherwise', () => {
    for (const id of ['y', runId(1).slice(1), `${runId(1)}0`, '']) expect(routeOf(`/runs/x/${id}`)).toBeUndefined();
    expect(routeOf(`/runs//${runId(1)}`)).toBeUndefined();
  });

  it('is read without an error, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), (target) => ['undefined', 'object'].includes(typeof routeOf(`/runs/${target}`))),
    );
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { createProxyAgents } from '../../src/http/proxy-agents.js';
import { createMarketoClient } from '../../src/marketo/client.js';
import type { MarketoError } from '../../src/marketo/marketo-errors.js';
import { makeCertificate } from '../helpers/certificates.js';
import { ForwardProxy } from '../helpers/forward-proxy.js';
import { runNode, type Finished } from '../helpers/run-node.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';
import { CREDENTIALS, ScriptedMarketo, success } from '../marketo/helpers/scripted-marketo.js';

/** No name server knows it: only the proxy does. */
const HOST = 'marketo.invalid';
const CALL = { endpoint: 'status', method: 'GET', path: 'status.json' } as const;

/** Two calls to Marketo, as the service makes them. */
const SCRIPT = `
  import { z } from 'zod';
  import { createMarketoClient } from './lib/src/marketo/client.js';
  const client = createMarketoClient({ endpoint: 'https://${HOST}', clientId: 'id', clientSecret: 'secret' });
  const call = ${JSON.stringify(CALL)};
  for (let times = 0; times < 2; times++) await client.call(call, z.object({}));
  console.log('done');
`;

describe('HTTPS through a proxy', () => {
  let server: Server;
  let proxy: ForwardProxy;
  let caFile: string;
  let cleanUp: () => void;
  let temporary: Promise<void>;

  beforeAll(async () => {
    const certificate = await new Promise<Awaited<ReturnType<typeof makeCertificate>>>((resolve, reject) => {
      temporary = withTemporaryDirectory(async (directory) => {
        const done = new Promise<void>((end) => (cleanUp = end));
        resolve(await makeCertificate(directory, [HOST]));
        await done;
      });
      temporary.catch(reject);
    });
    caFile = certificate.caFile;
    server = createServer(certificate, (request, response) => {
      const token = { access_token: 'token', expires_in: 3599 };
      response.end(JSON.stringify(request.url?.startsWith('/identity') === true ? token : { success: true }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  beforeEach(async () => {
    proxy = await ForwardProxy.start((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    await proxy.stop();
  });

  afterAll(async () => {
    cleanUp();
    await temporary;
    server.closeAllConnections();
    server.close();
  });

  function run(env: NodeJS.ProcessEnv): Promise<Finished> {
    return runNode(['--input-type=module', '-e', SCRIPT], {
      PATH: process.env['PATH'],
      HTTPS_PROXY: `http://me:pa%40ss@127.0.0.1:${proxy.port}`,
      ...env,
    });
  }

  it('reaches Marketo in one tunnel, with the company’s own CA and the credentials of the proxy', async () => {
    const { stdout, stderr, code } = await run({ NODE_EXTRA_CA_CERTS: caFile });
    expect([stdout.trim(), code, code === 0 ? '' : stderr]).toEqual(['done', 0, '']);
    const authorization = `Basic ${Buffer.from('me:pa@ss').toString('base64')}`;
    expect(proxy.tunnels).toEqual([{ target: `${HOST}:443`, authorization }]);
  });

  it('trusts no CA that it was not told of', async () => {
    const { stderr, code } = await run({});
    expect(code).toBe(1);
    expect(stderr).toMatch(/UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED/);
    expect(stderr).not.toContain('pa%40ss');
  });

  it('goes past the proxy to what NO_PROXY names', async () => {
    const { stderr, code } = await run({ NODE_EXTRA_CA_CERTS: caFile, NO_PROXY: 'invalid' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(proxy.tunnels).toEqual([]);
  });

  it('tells of a proxy that refuses, before anything was sent', async () => {
    proxy.refusesWith = 407;
    const env = { HTTPS_PROXY: `http://me:s3cret@127.0.0.1:${proxy.port}` };
    const client = createMarketoClient({ endpoint: `https://${HOST}`, ...CREDENTIALS, env });
    const error: MarketoError = await client.call(CALL, z.object({})).then(
      () => Promise.reject(new Error('It did not fail')),
      (reason: unknown) => reason as MarketoError,
    );
    expect(error).toMatchObject({ code: 'NETWORK', action: 'retry', outcomeUnknown: false });
    expect(error.message).toContain('the proxy refused the tunnel with status 407');
    expect(error.message).not.toContain('s3cret');
  });
});

describe('HTTP through a proxy', () => {
  it('is passed on as plain requests', async () => {
    const marketo = await ScriptedMarketo.start();
    const proxy = await ForwardProxy.start(Number(new URL(marketo.origin).port));
    try {
      const env = { HTTP_PROXY: `127.0.0.1:${proxy.port}` };
      const client = marketo.client({ endpoint: `http://${HOST}`, env });
      marketo.willReply(success(), success());
      await client.call(CALL, z.object({}));
      await client.call(CALL, z.object({}));
      const status = `http://${HOST}/status.json`;
      expect(proxy.requests).toEqual([expect.stringMatching(`^http://${HOST}/identity/`), status, status]);
      expect(proxy.tunnels).toEqual([]);
    } finally {
      await Promise.all([proxy.stop(), marketo.stop()]);
    }
  });
});

describe('agents', () => {
  it('are Node’s own where no proxy is set', () => {
    const { http, https } = createProxyAgents({ keepAlive: true, maxSockets: 7 }, { NO_PROXY: '*' });
    expect([http.constructor.name, https.constructor.name]).toEqual(['Agent', 'Agent']);
    expect(https.maxSockets).toBe(7);
  });

  it('are refused for what is no proxy, also where NO_PROXY leaves it unused', () => {
    const env = { HTTPS_PROXY: 'socks5://proxy', NO_PROXY: '*' };
    expect(() => createProxyAgents({ keepAlive: true }, env)).toThrow('HTTPS_PROXY');
  });
});

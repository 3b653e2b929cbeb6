import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { request as send } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { S3Client } from '@aws-sdk/client-s3';
import { makeCertificate } from '../helpers/certificates.js';
import { ForwardProxy } from '../helpers/forward-proxy.js';
import { runNode } from '../helpers/run-node.js';
import { newBucket, s3Client } from '../helpers/s3.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';

/** No name server knows it: only the proxy does. */
const HOST = 's3.invalid';

/** Makes every kind of request that a run makes, and tells what S3 lacks or what is wrong. */
const SCRIPT = `
  import { checkCredentials } from './lib/src/storage/check-credentials.js';
  import { checkStore } from './lib/src/storage/check-store.js';
  import { createObjectStore } from './lib/src/storage/object-store.js';
  import { describeS3Error } from './lib/src/storage/s3-errors.js';
  const store = createObjectStore({ region: 'us-east-1', forcePathStyle: true });
  try {
    await checkCredentials(store);
    await checkStore(store, process.env.BUCKET, 'probe/');
    console.log('served');
  } catch (error) {
    console.log(JSON.stringify(describeS3Error(error) ?? { unforeseen: error.name }));
  } finally {
    store.client.destroy();
  }
`;

describe('S3 over TLS through a proxy', () => {
  let front: Server;
  let proxy: ForwardProxy;
  let s3: S3Client;
  let bucket: string;
  let caFile: string;
  let removeCertificate: () => void;
  let temporary: Promise<void>;

  beforeAll(async () => {
    s3 = s3Client();
    bucket = await newBucket(s3);
    const certificate = await new Promise<Awaited<ReturnType<typeof makeCertificate>>>((resolve, reject) => {
      temporary = withTemporaryDirectory(async (directory) => {
        const done = new Promise<void>((end) => (removeCertificate = end));
        resolve(await makeCertificate(directory, [HOST]));
        await done;
      });
      temporary.catch(reject);
    });
    caFile = certificate.caFile;
    front = await frontOf(process.env['AWS_ENDPOINT_URL_S3'] ?? '', certificate);
  });

  beforeEach(async () => {
    proxy = await ForwardProxy.start((front.address() as AddressInfo).port);
  });

  afterEach(() => proxy.stop());

  afterAll(async () => {
    s3.destroy();
    removeCertificate();
    await temporary;
    front.closeAllConnections();
    front.close();
  });

  /** What the script says in a process of its own: CAs are read when Node starts. */
  async function served(env: NodeJS.ProcessEnv): Promise<string> {
    const { stdout, stderr } = await runNode(['--input-type=module', '-e', SCRIPT], {
      ...process.env,
      AWS_ENDPOINT_URL_S3: `https://${HOST}`,
      BUCKET: bucket,
      HTTPS_PROXY: `http://me:s3cret@127.0.0.1:${proxy.port}`,
      ...env,
    });
    expect(`${stdout}${stderr}`).not.toContain('s3cret');
    return stdout.trim();
  }

  it('serves all that a run asks for, with the company’s own CA', async () => {
    expect(await served({ NODE_EXTRA_CA_CERTS: caFile })).toBe('served');
    const authorization = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
    expect(new Set(proxy.tunnels.map((tunnel) => JSON.stringify(tunnel)))).toEqual(
      new Set([JSON.stringify({ target: `${HOST}:443`, authorization })]),
    );
  });

  it('says what to do where the CA is not known, and may be tried again', async () => {
    expect(JSON.parse(await served({ NODE_EXTRA_CA_CERTS: '' }))).toMatchObject({
      retryable: true,
      message: expect.stringContaining('name its file in NODE_EXTRA_CA_CERTS'),
    });
  });

  it('tells of a proxy that refuses', async () => {
    proxy.refusesWith = 407;
    expect(JSON.parse(await served({ NODE_EXTRA_CA_CERTS: caFile }))).toMatchObject({
      retryable: true,
      message: 'the proxy refused the tunnel with status 407',
    });
  });

  it('tells of a proxy that is not there', async () => {
    expect(JSON.parse(await served({ HTTPS_PROXY: 'http://127.0.0.1:1' }))).toMatchObject({
      code: 'ECONNREFUSED',
      retryable: true,
    });
  });

  it('is not gone for what NO_PROXY names', async () => {
    const { message } = JSON.parse(await served({ NODE_EXTRA_CA_CERTS: caFile, NO_PROXY: HOST })) as {
      message: string;
    };
    expect(message).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(proxy.tunnels).toEqual([]);
  });
});

/** A TLS server in front of S3. The host that was signed is passed on, so that signatures stay good. */
async function frontOf(url: string, certificate: { readonly key: Buffer; readonly cert: Buffer }): Promise<Server> {
  const { hostname, port } = new URL(url);
  const server = createServer(certificate, (request, response) => {
    const { method, url: path, rawHeaders: headers } = request;
    const onward = send({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

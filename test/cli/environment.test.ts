import { randomUUID } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Simulator } from '../../simulator/simulator.js';
import { createObjectStore, type ObjectStore } from '../../src/storage/object-store.js';
import { findUploads } from '../../src/storage/multipart-upload.js';
import { listKeys } from '../../src/storage/objects.js';
import { newBucket, s3Client } from '../helpers/s3.js';
import { cli, type Ran } from './cli.js';
import { FakeWorker } from './fake-worker.js';

let s3: S3Client;
let store: ObjectStore;
let bucket: string;
let worker: FakeWorker;
beforeAll(async () => {
  s3 = s3Client();
  store = createObjectStore({ forcePathStyle: true });
  bucket = await newBucket(s3);
  worker = await FakeWorker.start(process.env['TEMPORAL_ADDRESS'] ?? '');
});
afterAll(async () => {
  s3.destroy();
  store.client.destroy();
  await worker.stop();
});

let simulator: Simulator;
let env: Record<string, string>;
beforeEach(async () => {
  simulator = await Simulator.start();
  env = {
    MARKETO_ENDPOINT: simulator.url,
    MARKETO_CLIENT_ID: simulator.options.clientId,
    MARKETO_CLIENT_SECRET: simulator.options.clientSecret,
  };
});
afterEach(async () => {
  await simulator.close();
});

describe('plan', () => {
  it('tells range, fields, jobs and the least time of a run, and creates no job', async () => {
    const { code, stdout, stderr } = await cli(['plan', '--fields', 'email', '--concurrency', '2'], { env });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Instance  ${new URL(simulator.url).host}\n`);
    expect(stdout).toContain('Fields    2: id, email\n');
    expect(stdout).toContain('one for each window of at most 31 days; 2 at once\n');
    const json = await cli(['plan', '--start-at', '2020-01-01', '--end-at', '2020-12-31', '--json'], { env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      startAt: '2020-01-01T00:00:00Z',
      endAt: '2020-12-31T00:00:00Z',
      fields: expect.arrayContaining(['id', 'email']),
      windows: 12,
      concurrency: 1,
      minimumSeconds: 720,
    });
    expect(simulator.jobs.all).toEqual([]);
  });

  it('says of an update without an output that it would be a full run, and wants to know where one would lie', async () => {
    const args = ['plan', '--mode', 'update'];
    const { code, stdout } = await cli([...args, '--destination', `s3://${bucket}/none.csv`], { env });
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('\nMode      A full run instead of an update, since there is no output yet\n'),
    ]);
    const nowhere = await cli(args, { env });
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('destination: got nothing') });
  });

  it('says what is wrong: the environment, the input, a field, the credentials', async () => {
    const nothing = { MARKETO_ENDPOINT: '', MARKETO_CLIENT_ID: '', MARKETO_CLIENT_SECRET: '' };
    const refused = async (args: string[], environment: Record<string, string>): Promise<string> => {
      const { code, stdout, stderr } = await cli(['plan', ...args], { env: environment });
      expect([code, stdout]).toEqual([1, '']);
      return stderr;
    };
    expect(await refused([], nothing)).toMatch(/MARKETO_ENDPOINT is missing.*\n.*MARKETO_CLIENT_ID is missing/);
    expect(await refused(['--concurrency', '0'], env)).toContain('concurrency: got 0');
    const unlisted = await cli(['plan', '--fields', 'Email'], { env });
    expect(unlisted.stdout).toContain('Warning   the instance lists no field Email: names mind their case, see ');
    expect(await refused(['--fields', 'email,surprise*'], env)).toContain('no field of the instance matches surprise*');
    const secret = `wrong-${randomUUID()}`;
    const denied = await refused([], { ...env, MARKETO_CLIENT_SECRET: secret });
    expect(denied).toContain('MARKETO_CLIENT_SECRET');
    expect(denied).not.toContain(secret);
  });
});

const DENIED = { kind: 'error', code: '603', message: 'Access denied' } as const;

/** Whatever this machine needs to reach anything is of no matter here. */
const DIRECT = { HTTPS_PROXY: '', https_proxy: '', HTTP_PROXY: '', http_proxy: '', NODE_EXTRA_CA_CERTS: '' };

describe('doctor', () => {
  function doctor(environment: Record<string, string>, ...args: string[]): Promise<Ran> {
    return cli(['doctor', '--task-queue', worker.taskQueue, ...args], { env: { ...DIRECT, ...environment } });
  }

  it('finds everything in order, leaves nothing behind in S3 and makes no job', async () => {
    const { code, stdout } = await doctor(env, '--destination', `s3://${bucket}/leads.csv`);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/: .*/, ''))).toEqual([
      '– certificates',
      '✓ environment for Marketo',
      '✓ Marketo credentials',
      '✓ Marketo oldest date (Read-Only Assets, Read-Only Lead)',
      '✓ Marketo fields (Read-Only Lead)',
      '✓ Marketo bulk export (Read-Only Lead)',
      '✓ Marketo activities (Read-Only Activity)',
      '✓ environment for S3',
      '✓ S3 credentials',
      '✓ bucket',
      '✓ Temporal',
      expect.stringMatching(/^[✓–] search attributes$/),
      '✓ worker',
      'All is well.',
    ]);
    expect(code).toBe(0);
    const date = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC';
    expect(stdout).toMatch(
      new RegExp(`: oldest folder ${date}, oldest lead ${date}; a run begins at the (?:folder|lead)\n`),
    );
    expect(stdout).toMatch(/^✓ Marketo fields \(Read-Only Lead\): \d+ fields can be exported$/m);
    expect(stdout).toContain(`✓ environment for Marketo: ${simulator.url}, directly\n`);
    const left: string[] = [];
    for await (const key of listKeys(store, bucket, '')) left.push(key);
    expect(left).toEqual([]);
    expect(await findUploads(store, bucket, '')).toEqual([]);
    expect(simulator.jobs.all).toEqual([]);
  });

  it('says that a user who may not read activities can have full runs only', async () => {
    simulator.faults.inject({ endpoint: 'pagingToken', times: Infinity, effect: DENIED });
    const { stdout } = await doctor(env);
    expect(stdout).toContain('– Marketo activities (Read-Only Activity): lacking: full runs only. For --mode update, ');
    simulator.faults.clear();
    simulator.faults.inject({ endpoint: 'pagingToken', times: Infinity, effect: { ...DENIED, code: '610' } });
    expect((await doctor(env)).stdout).toMatch(/^✗ Marketo activities \(Read-Only Activity\): .*610/m);
  });

  it('registers search attributes when told to', async () => {
    const namespace = `cli-${randomUUID()}`;
    const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    await connection.close();
    const inNamespace = { ...env, TEMPORAL_NAMESPACE: namespace };
    const both = 'MarketoInstance and ExtractStage';
    let { stdout } = await doctor(inNamespace);
    while (!stdout.includes('search attributes')) ({ stdout } = await doctor(inNamespace));
    expect(stdout).toContain(`– search attributes: ${both} not registered`);
    expect((await doctor(inNamespace, '--register')).stdout).toContain(`✓ search attributes: ${both} registered now`);
    while (!stdout.includes('✓ search attributes: registered\n')) ({ stdout } = await doctor(inNamespace));
  });

  it('names each thing that is wrong on a line of its own, and exits with 1', async () => {
    for (const endpoint of ['folders', 'leads'] as const) {
      simulator.faults.inject({ endpoint, effect: { kind: 'error', code: '603', message: 'Access denied' } });
    }
    const wrong = { ...env, TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'] ?? '' };
    const { code, stdout } = await cli(
      ['doctor', '--task-queue', `none-${randomUUID()}`, '--destination', `s3://none-${randomUUID()}/leads.csv`],
      { env: wrong },
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ Marketo oldest date \(.*\): Marketo 603 .*Read-Only Assets/m);
    expect(stdout).toMatch(/^✗ bucket: .*does not exist/m);
    expect(stdout).toMatch(/^✗ worker: none polls the task queue none-.*marketo-lead-extract worker$/m);
    expect(stdout).toMatch(/^✓ Marketo fields/m);
    expect(stdout).toMatch(/^3 checks failed\.$/m);
  });

  it('says that one of the two oldest dates is refused, and at which one a run begins then', async () => {
    const message = 'Access denied';
    simulator.faults.inject({ endpoint: 'folders', effect: { kind: 'error', code: '603', message } });
    const { stdout } = await doctor(env);
    expect(stdout).toMatch(
      /^✓ Marketo oldest date .*oldest folder not told, oldest lead .*; a run begins at the lead$/m,
    );
    expect(stdout).toMatch(/^– Marketo oldest date: .*of the lowest ids alone: Marketo 603 .*Read-Only Assets/m);
  });

  it('says which way Marketo and S3 are reached and whose certificates are trusted, and shows no password', async () => {
    const { stdout, code } = await doctor({
      ...env,
      MARKETO_ENDPOINT: 'https://marketo.invalid',
      AWS_ENDPOINT_URL_S3: 'https://s3.invalid',
      HTTPS_PROXY: 'http://me:s3cret@127.0.0.1:1',
      NO_PROXY: 's3.invalid',
      NODE_EXTRA_CA_CERTS: '/no/such/ca.pem',
    });
    expect(code).toBe(1);
    expect(stdout).toContain('✗ certificates: NODE_EXTRA_CA_CERTS names /no/such/ca.pem, which cannot be read.\n');
    expect(stdout).toContain(
      '✓ environment for Marketo: https://marketo.invalid, through the proxy http://127.0.0.1:1\n',
    );
    expect(stdout).toMatch(
      /^✗ Marketo credentials: Marketo NETWORK \(identity\): the connection failed: ECONNREFUSED/m,
    );
    expect(stdout).toContain('✓ environment for S3: https://s3.invalid, directly\n');
    expect(stdout).not.toContain('s3cret');
  });

  it('refuses a proxy whose URL cannot be used, without showing it', async () => {
    const { stdout } = await doctor({ ...env, HTTPS_PROXY: 'socks5://me:s3cret@proxy:1080' });
    expect(stdout).toMatch(/^✗ environment for Marketo: .*HTTPS_PROXY is not the URL of a proxy/m);
    expect(stdout).toMatch(/^✗ environment for S3: .*HTTPS_PROXY is not the URL of a proxy/m);
    expect(stdout).not.toContain('s3cret');
  });

  it('goes on where nothing is set up at all', async () => {
    const { code, stdout } = await doctor({
      ...{ MARKETO_ENDPOINT: '', MARKETO_CLIENT_ID: '', MARKETO_CLIENT_SECRET: '', AWS_REGION: '' },
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^✗ environment for Marketo: .*MARKETO_ENDPOINT is missing.*; MARKETO_CLIENT_ID is missing/m,
    );
    expect(stdout).toMatch(/^✗ environment for S3: .*AWS_REGION is missing/m);
    expect(stdout).toMatch(/^✗ Temporal: Temporal cannot be reached at 127\.0\.0\.1:1/m);
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';
import { freePorts } from '../../scripts/servers/ports.js';
import { findTool } from '../../scripts/tools.js';
import { Simulator } from '../../simulator/simulator.js';
import { THREE_WINDOWS } from '../end-to-end/harness.js';
import { newBucket, readObject, s3Client } from '../helpers/s3.js';
import { cli, type Ran } from './cli.js';

let simulator: Simulator;
let s3: S3Client;
let bucket: string;
let directory: string;
let env: Record<string, string>;
let ports: readonly number[];
beforeAll(async () => {
  simulator = await Simulator.start({ speed: 1000, processingSeconds: [60, 240], ...THREE_WINDOWS });
  s3 = s3Client();
  bucket = await newBucket(s3);
  directory = await mkdtemp(join(tmpdir(), 'up-'));
  ports = await freePorts(3);
  env = {
    MARKETO_ENDPOINT: simulator.url,
    MARKETO_CLIENT_ID: simulator.options.clientId,
    MARKETO_CLIENT_SECRET: simulator.options.clientSecret,
    TEMPORAL_ADDRESS: `127.0.0.1:${ports[0] ?? 0}`,
    TEMPORAL_NAMESPACE: 'default',
    MARKETO_ENV_FILE: '/dev/null',
    PATH: [join(findTool('temporal')?.path ?? '', '..'), process.env['PATH'] ?? ''].join(':'),
  };
});
afterAll(async () => {
  await simulator.close();
  s3.destroy();
  await rm(directory, { recursive: true, force: true });
});

/** `up` as a process of its own, once its worker runs, with what it has said. */
async function startUp(): Promise<{ readonly child: ChildProcess; readonly said: () => string }> {
  const [port = 0, uiPort = 0, pagePort = 0] = ports;
  const options = ['--port', String(port), '--ui-port', String(uiPort), '--page-port', String(pagePort)];
  const child = spawn(
    process.execPath,
    [join(ROOT, 'lib/src/starter.js'), 'up', ...options, '--state-directory', join(directory, 'state')],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  while (!said.includes('The worker runs.')) {
    if (child.exitCode !== null) throw new Error(`up ended:\n${said}`);
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  }
  return { child, said: () => said };
}

function pageUrl(): string {
  return `http://127.0.0.1:${ports[2] ?? 0}`;
}

async function read(url: string): Promise<string> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return answer.text();
}

async function interrupt(child: ChildProcess): Promise<number | null> {
  child.kill('SIGINT');
  await once(child, 'close');
  return child.exitCode;
}

describe('one machine', () => {
  it('runs Temporal and a worker until Ctrl-C; the next `up` goes on with the runs, which are listed and fetched', async () => {
    const destination = `s3://${bucket}/dir/leads.csv`;
    const here = (...args: string[]): Promise<Ran> => cli(args, { env });
    const first = await startUp();
    expect(await read(pageUrl())).toContain('No run is known to Temporal at');
    expect(first.said()).toContain(`Web UI: http://127.0.0.1:${ports[1] ?? 0}`);
    const second = await here('up', '--port', String(ports[0] ?? 0), '--state-directory', join(directory, 'state'));
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('is in use') });
    const started = await here('start', '--destination', destination, '--poll-initial', '1s', '--detach');
    expect(started).toMatchObject({ code: 0, stderr: '' });
    expect(await interrupt(first.child)).toBe(0);
    expect(first.said()).toContain('Runs that are open go on with the next');

    const again = await startUp();
    const watched = await here('watch', '--destination', destination);
    expect(watched.stdout).toContain(`marketo-lead-extract download --destination ${destination}`);
    const listed = await here('list', '--json');
    const [run] = (JSON.parse(listed.stdout) as { runs: Record<string, unknown>[] }).runs;
    expect(run).toMatchObject({ destination, mode: 'full', status: 'COMPLETED', leads: expect.any(Number) });
    expect((await here('list')).stdout).toContain(`${destination} · completed · `);
    expect(again.said()).toContain(`The page of the runs: ${pageUrl()}`);
    const page = await read(pageUrl());
    expect(page).toContain('No run is open. The latest completed with ');
    const path = /href="(\/runs\/[^"]+)"/.exec(page)?.[1] ?? '';
    const own = await read(`${pageUrl()}${path}`);
    expect(own).toContain(`Done: ${Number(run?.['leads']).toLocaleString('en-US')} leads in ${destination}`);
    expect(own).toContain(`href="http://127.0.0.1:${ports[1] ?? 0}/namespaces/default/workflows/`);
    expect(await read(`${pageUrl()}${path}/report`)).toContain(`<h1>Leads of `);
    expect(await interrupt(again.child)).toBe(0);

    const file = join(directory, 'fetched.csv');
    expect(await here('download', '--destination', destination, '--to', file)).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(file)).toEqual(await readObject(s3, bucket, 'dir/leads.csv'));
    expect((await stat(file)).mode & 0o077).toBe(0);
    const manifest = await here('download', '--destination', destination, '--manifest', '--to', '-');
    expect(JSON.parse(manifest.stdout)).toMatchObject({ destination, leads: run?.['leads'] });
  });
});

describe('fields', () => {
  it('are listed by name, type and label, and searched whatever the case', async () => {
    const { stdout } = await cli(['fields', 'EMAIL', '--json'], { env });
    const { fields } = JSON.parse(stdout) as { fields: { name: string; dataType: string }[] };
    expect(fields).toContainEqual(expect.objectContaining({ name: 'email', dataType: 'email' }));
    expect((await cli(['fields', 'EMAIL'], { env })).stdout).toMatch(/^email +email \(255\) +Email$/m);
    expect(await cli(['fields', 'no such field'], { env })).toMatchObject({ code: 1 });
  });
});

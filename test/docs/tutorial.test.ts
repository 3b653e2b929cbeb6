import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';
import { freePorts } from '../../scripts/servers/ports.js';
import { findTool } from '../../scripts/tools.js';
import { Simulator } from '../../simulator/simulator.js';
import { newBucket, s3Client } from '../helpers/s3.js';
import { loaders } from '../loading/packages.js';
import { blocksOf } from './pages.js';

const DAY = 86_400_000;
const PAGE = 'docs/tutorial.md';

let simulator: Simulator;
let s3: S3Client;
let bucket: string;
let directory: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  const from = Date.now() - 50 * DAY;
  simulator = await Simulator.start({ leads: 500, from, changesPerDay: 2000, speed: 60, processingSeconds: [1, 2] });
  s3 = s3Client();
  bucket = await newBucket(s3);
  directory = await mkdtemp(join(tmpdir(), 'tutorial-'));
  const [port = 0, uiPort = 0, pagePort = 0] = await freePorts(3);
  const { clientId, clientSecret } = simulator.options;
  // What the page leaves to its reader, and what would wait for minutes or meet the ports of other tests.
  const options: Readonly<Record<string, string>> = {
    init: `--endpoint ${simulator.url} --client-id ${clientId} --client-secret ${clientSecret} --region us-east-1`,
    up: `--port ${port} --ui-port ${uiPort} --page-port ${pagePort}`,
    start: '--poll-initial 1s --poll-maximum 2s',
  };
  const bin = join(directory, 'bin');
  await mkdir(bin);
  const cases = Object.entries(options).map(([command, more]) => `${command}) set -- "$@" ${more} ;;`);
  await writeFile(
    join(bin, 'marketo-lead-extract'),
    `#!/bin/sh\ncase $1 in\n${cases.join('\n')}\nesac\nexec "${process.execPath}" "${join(ROOT, 'lib/src/starter.js')}" "$@"\n`,
    { mode: 0o755 },
  );
  const PATH = [bin, dirname(findTool('temporal')?.path ?? ''), process.env['PATH'] ?? ''].join(delimiter);
  env = { ...process.env, PATH, PYTHONPATH: await loaders(), TEMPORAL_ADDRESS: `127.0.0.1:${port}` };
  delete env['MARKETO_ENV_FILE'];
});
afterAll(async () => {
  await simulator.close();
  s3.destroy();
  await rm(directory, { recursive: true, force: true });
});

const written = (): Map<string, string> =>
  new Map(
    blocksOf(PAGE).flatMap(({ remark = '', text }) => {
      const [, id] = /^run by test\/docs\/tutorial\.test\.ts as (\S+)$/.exec(remark) ?? [];
      return id === undefined ? [] : [[id, text]];
    }),
  );

/** A block of the page, with the reader's bucket, and dates at which there are leads whatever the day of this test. */
function block(id: string): string {
  const text = written().get(id) ?? '';
  const date = (daysAgo: number): string => new Date(Date.now() - daysAgo * DAY).toISOString().slice(0, 10);
  return text
    .replaceAll('my-bucket', bucket)
    .replace(/--start-at \S+/, `--start-at ${date(40)}`)
    .replace(/--end-at \S+/, `--end-at ${date(10)}`);
}

async function run(id: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-ec', block(id)], { cwd: directory, env });
  return stdout;
}

/** Keeps `up` running while something is done. */
async function whileUp(work: () => Promise<void>): Promise<void> {
  const up = spawn('sh', ['-ec', `exec ${block('up')}`], { cwd: directory, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  up.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  try {
    while (!said.includes('The worker runs.')) {
      if (up.exitCode !== null) throw new Error(`up ended:\n${said}`);
      await Promise.race([once(up.stdout, 'data'), once(up, 'close')]);
    }
    await work();
  } finally {
    up.kill('SIGINT');
    if (up.exitCode === null) await once(up, 'close');
  }
  expect(up.exitCode).toBe(0);
}

/** How many leads `load.py` has put into the table. */
function leadsIn(printed: string): number {
  const [, leads = ''] = /│\s+(\d+)\s+│/.exec(printed) ?? [];
  return Number(leads);
}

describe('the first hour', () => {
  it('goes from nothing to a table that is kept current, block by block', async () => {
    expect(await run('settings')).toContain('.env');
    expect((await stat(join(directory, '.env'))).mode & 0o077).toBe(0);
    const forecast = await run('forecast');
    expect(forecast).toMatch(/^Jobs +2,/m);
    expect(forecast).toMatch(/^email +email \(255\)/m);
    await whileUp(async () => {
      expect(await run('doctor')).toContain('All is well');
      expect(await run('small')).toContain(`s3://${bucket}/month.csv`);
      expect(await readFile(join(directory, 'month.csv'), 'utf8')).toMatch(/^id,email,createdAt,updatedAt\n\d/);
      expect(await run('whole')).toContain(`leads in s3://${bucket}/leads.parquet`);
      await run('table');
      await writeFile(join(directory, 'load.py'), block('load'));
      const { stdout } = await promisify(execFile)('python3', ['load.py'], { cwd: directory, env });
      const before = leadsIn(stdout);
      expect(before).toBeGreaterThan(400);
      expect(await run('nightly')).toContain('Created schedule');
      const updated = await run('update');
      expect(updated).toContain('leads new');
      expect(leadsIn(updated)).toBeGreaterThan(before);
    });
  });
});

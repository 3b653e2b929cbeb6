import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createObjectStore } from '../../src/storage/object-store.js';
import { putBytes } from '../../src/storage/objects.js';
import { outputNames, runNames } from '../../src/parts/output-names.js';
import { newBucket, s3Client } from '../helpers/s3.js';
import { FakeWorker } from './fake-worker.js';

const ADDRESS = process.env['TEMPORAL_ADDRESS'] ?? '';
const PSEUDO_TERMINAL = fileURLToPath(new URL('pseudo_terminal.py', import.meta.url));
const STARTER = fileURLToPath(new URL('../../lib/src/starter.js', import.meta.url));

let worker: FakeWorker;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  worker = await FakeWorker.start(ADDRESS);
  connection = await Connection.connect({ address: ADDRESS });
  client = new Client({ connection });
});
afterAll(async () => {
  await worker.stop();
  await connection.close();
});

/** The built starter on a pseudo-terminal. */
class OnTerminal {
  screen = '';
  private readonly child;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn('python3', [PSEUDO_TERMINAL, process.execPath, STARTER, ...args], {
      env: { ...process.env, TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.screen += text;
    });
  }

  async until(text: string): Promise<void> {
    while (!this.screen.includes(text)) {
      if (this.child.exitCode !== null) throw new Error(`It ended without ${text}:\n${this.screen}`);
      await Promise.race([once(this.child.stdout, 'data'), once(this.child, 'close')]);
    }
  }

  type(keys: string): void {
    this.child.stdin.write(keys);
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }
}

let key: string;
let startArgs: string[];
beforeEach(() => {
  key = randomUUID();
  worker.activities.held = false;
  startArgs = ['--destination', `s3://bucket/${key}`, '--task-queue', worker.taskQueue];
});

describe('on a terminal', () => {
  it('a run is drawn over and over until Ctrl-C, which leaves it alone and gives the cursor back', async () => {
    worker.activities.held = true;
    const terminal = new OnTerminal(startArgs);
    await terminal.until('queued in Marketo');
    expect(terminal.screen).toContain(`s3://bucket/${key}`);
    expect(terminal.screen).toContain('░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0 of 6 windows');
    await terminal.until('\u001b[2K');
    terminal.type('\u0003');
    expect(await terminal.ended()).toBe(130);
    expect(terminal.screen).toContain(` watch --workflow-id extract-leads/bucket/${key}`);
    expect(terminal.screen.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.screen.lastIndexOf('\u001b[?25l'));
    const handle = client.workflow.getHandle(`extract-leads/bucket/${key}`);
    expect((await handle.describe()).status.name).toBe('RUNNING');

    const watching = new OnTerminal(['watch', '--destination', `s3://bucket/${key}`]);
    await watching.until('queued in Marketo');
    worker.activities.held = false;
    expect(await watching.ended()).toBe(0);
    expect(watching.screen).toContain('Done: 55 leads');
  });

  it('NO_COLOR leaves the colours out', async () => {
    const colours = /\u001b\[\d+(?:;\d+)*m/;
    const painted = new OnTerminal(startArgs);
    expect(await painted.ended()).toBe(0);
    expect(painted.screen).toMatch(colours);
    const plain = new OnTerminal(startArgs, { NO_COLOR: '1' });
    expect(await plain.ended()).toBe(0);
    expect(plain.screen).not.toMatch(colours);
  });

  it('discard asks first', async () => {
    const s3 = s3Client();
    const bucket = await newBucket(s3);
    const store = createObjectStore({ forcePathStyle: true });
    const destination = `s3://${bucket}/leads.csv`;
    const run = runNames(outputNames(destination), 'some-run');
    await putBytes(store, { bucket, key: run.plan }, Buffer.from('x'));
    const args = ['discard', '--destination', destination, '--workflow-id', 'some-run'];

    const refused = new OnTerminal(args);
    await refused.until('[y/N]');
    refused.type('\r');
    expect(await refused.ended()).toBe(1);
    expect(refused.screen).toContain('Nothing was deleted.');

    const agreed = new OnTerminal(args);
    await agreed.until('[y/N]');
    agreed.type('y\r');
    expect(await agreed.ended()).toBe(0);
    expect(agreed.screen).toContain('Deleted 1 object and 0 uploads');
    s3.destroy();
    store.client.destroy();
  });
});

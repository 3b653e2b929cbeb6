import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { heartbeat } from '@temporalio/activity';
import { ApplicationFailure, Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cli, type CliOptions, type Ran } from './cli.js';
import { FakeWorker } from './fake-worker.js';
import { Proxy } from './proxy.js';

const ADDRESS = process.env['TEMPORAL_ADDRESS'] ?? '';
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

let key: string;
beforeEach(() => {
  worker.activities.held = false;
  key = randomUUID();
});

/** A run with a destination of this test's own. */
function onRun(command: string, ...more: string[]): string[] {
  return [command, '--destination', `s3://bucket/${key}`, ...more];
}

function start(more: readonly string[] = [], options: CliOptions = {}): Promise<Ran> {
  return cli([...onRun('start'), '--task-queue', worker.taskQueue, ...more], options);
}

async function stage(): Promise<string> {
  const { stdout } = await cli(onRun('status', '--json'));
  return (JSON.parse(stdout) as { progress?: { stage?: string } }).progress?.stage ?? 'unknown';
}

async function untilStage(wanted: string): Promise<void> {
  while ((await stage()) !== wanted) await sleep(100);
}

describe('start', () => {
  it('follows a run to its end: exit code 0, the result, and not one control character when piped', async () => {
    const { code, stdout, stderr } = await start();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Started run "extract-leads/bucket/${key}" \\([0-9a-f-]+\\)\n`));
    expect(stdout).toContain(`\nDone: 55 leads in s3://bucket/${key} (5.0 kB)\n`);
    expect(stdout).toContain('\nfrom 6 windows, 5 duplicates left out\n');
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('sends the input that its options make up, and tells who started the run', async () => {
    worker.activities.held = true;
    await start(['--detach', '--fields', 'email', '--fields-like', 'utm_*', '--concurrency', '2']);
    const handle = client.workflow.getHandle(`extract-leads/bucket/${key}`);
    const description = await handle.describe();
    expect(await description.staticSummary()).toBe(`All leads: email, utm_* → s3://bucket/${key}`);
    expect(description.memo).toEqual({ startId: expect.any(String), startedBy: expect.stringContaining('@') });
    const { events } = await handle.fetchHistory();
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    expect(JSON.parse(Buffer.from(payload ?? []).toString())).toEqual({
      destination: `s3://bucket/${key}`,
      fields: ['email', 'utm_*'],
      concurrency: 2,
    });
    await handle.terminate();
  });

  it('writes one JSON object a line with --json: started, progress, the result', async () => {
    const { code, stdout } = await start(['--json']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(code).toBe(0);
    expect(events[0]).toMatchObject({ event: 'started', workflowId: `extract-leads/bucket/${key}`, existing: false });
    expect(events.slice(1, -1).map(({ event }) => event)).toContain('progress');
    expect(events.at(-1)).toMatchObject({ event: 'ended', status: 'completed', result: { leads: 55, windows: 6 } });
  });

  it('follows the run that is open under its id instead of starting another, and says so', async () => {
    worker.activities.held = true;
    const first = await start(['--detach', '--json']);
    const { runId } = JSON.parse(first.stdout) as { runId: string };
    const second = start(['--concurrency', '5']);
    await sleep(1000);
    worker.activities.held = false;
    const { code, stdout, stderr } = await second;
    expect(code).toBe(0);
    expect(stderr).toContain('the input given now is not used');
    expect(stdout).toContain(`Following run "extract-leads/bucket/${key}" (${runId})`);
  });

  it('starts a new run once the one before has ended', async () => {
    const first = JSON.parse((await start(['--detach', '--json'])).stdout) as { runId: string };
    await untilStage('completed');
    const second = JSON.parse((await start(['--detach', '--json'])).stdout) as { runId: string; existing: boolean };
    expect(second.existing).toBe(false);
    expect(second.runId).not.toBe(first.runId);
    await cli(onRun('watch'));
  });

  it('says why a run failed and what to do: exit code 1, no stack', async () => {
    const { planExtract } = worker.activities;
    worker.activities.planExtract = () => {
      throw ApplicationFailure.nonRetryable('603 Access denied', 'MarketoAccess');
    };
    const { code, stdout } = await start();
    worker.activities.planExtract = planExtract;
    expect(code).toBe(1);
    expect(stdout).toContain('The run failed: MarketoAccess\n603 Access denied\nWhat to do: Mend the API user');
    expect(stdout).not.toMatch(/^\s+at /m);
  });

  it('says that no worker polls the task queue, and goes on when Ctrl-C comes: exit code 130', async () => {
    const interruption = new AbortController();
    const { code, stdout, stderr } = await cli(onRun('start', '--task-queue', `none-${key}`), {
      interrupted: interruption.signal,
      onOutput: (text) => {
        if (text.includes('No worker polls')) interruption.abort();
      },
    });
    expect(code).toBe(130);
    expect(stdout).toContain(`No worker polls the task queue none-${key}. Start one: marketo-lead-extract worker`);
    expect(stderr).toContain(`marketo-lead-extract watch --workflow-id extract-leads/bucket/${key}`);
    const handle = client.workflow.getHandle(`extract-leads/bucket/${key}`);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
  });

  it('waits out an outage of Temporal, says so, and comes back', async () => {
    const proxy = await Proxy.start(ADDRESS);
    worker.activities.held = true;
    const { address } = proxy;
    const { code, stdout } = await start([], {
      env: { TEMPORAL_ADDRESS: address },
      onOutput: (text) => {
        if (text.includes('queued in Marketo')) proxy.shut();
        if (text.includes('does not answer')) {
          proxy.reopen();
          worker.activities.held = false;
        }
      },
    });
    await proxy.stop();
    expect(code).toBe(0);
    expect(stdout).toContain(`Temporal at ${address} does not answer; trying again until it does.`);
    expect(stdout).toContain('Done: 55 leads');
  });
});

describe('the page', () => {
  it('says of a run what the terminal says, and is back by itself after an outage of Temporal', async () => {
    const proxy = await Proxy.start(ADDRESS);
    const stop = new AbortController();
    worker.activities.held = true;
    await start(['--detach', '--concurrency', '2']);
    await untilStage('exporting');
    let url = '';
    const serving = cli(['serve', '--address', '127.0.0.1:0'], {
      env: { TEMPORAL_ADDRESS: proxy.address, TEMPORAL_UI_URL: 'http://ui.example' },
      stopped: stop.signal,
      onOutput: (text) => {
        url = /http:\S+\d/.exec(text)?.[0] ?? url;
      },
    });
    while (url === '') await sleep(50);
    try {
      const { runId } = await client.workflow.getHandle(`extract-leads/bucket/${key}`).describe();
      const path = `/runs/${encodeURIComponent(`extract-leads/bucket/${key}`)}/${runId}`;
      const look = async (at: string): Promise<[number, string]> => {
        const answer = await fetch(`${url}${at}`);
        return [answer.status, await answer.text()];
      };
      const says = 'Marketo has the export job in its queue.';
      while (!(await cli(onRun('status'))).stdout.includes(says)) await sleep(100);
      for (const at of ['/', path]) {
        expect(await look(at)).toEqual([200, expect.stringContaining(`${says} 0 of 6 windows done.`)]);
      }
      expect(await look('/')).toEqual([200, expect.stringContaining(`href="${path}"`)]);
      expect(await look(path)).toEqual([200, expect.stringContaining('href="http://ui.example/namespaces/default/')]);
      // Another kind of workflow is none of the page's.
      const child = `extract-leads/bucket/${key}/2024-01-01T00:00:00Z`;
      const window = await client.workflow.getHandle(child).describe();
      expect((await look(`/runs/${encodeURIComponent(child)}/${window.runId}`))[0]).toBe(404);
      expect((await look(`/runs/${encodeURIComponent(child)}/${runId}`))[0]).toBe(404);

      proxy.shut();
      expect(await look('/')).toEqual([503, expect.stringContaining(`at ${proxy.address}`)]);
      proxy.reopen();
      expect(await look(path)).toEqual([200, expect.stringContaining(says)]);

      await cli(onRun('cancel'));
      expect(await look(path)).toEqual([
        200,
        expect.stringContaining('The run was cancelled. What is verified is kept'),
      ]);
    } finally {
      // Left open, they would keep the test run from ending.
      stop.abort();
      await proxy.stop();
    }
    expect(await serving).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('looking at a run and steering it', () => {
  it('pauses, resumes and changes the number of jobs', async () => {
    worker.activities.held = true;
    await start(['--detach']);
    await untilStage('exporting');
    expect(await cli(onRun('pause'))).toMatchObject({ code: 0, stdout: expect.stringContaining('Paused') });
    expect(await cli(onRun('set-concurrency', '2'))).toMatchObject({
      code: 0,
      stdout: '2 export jobs at once from now on.\n',
    });
    const paused = (await cli(onRun('status'))).stdout;
    expect(paused).toContain('Paused: no new window starts until `resume`.');
    expect(paused).toContain(' · 2 jobs at once');
    expect((await cli(onRun('resume'))).code).toBe(0);
    expect((await cli(onRun('status'))).stdout).not.toContain('Paused');
    expect(await cli(onRun('cancel'))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The run was cancelled.'),
    });
    expect(worker.activities.named('abandonWindow').length).toBeGreaterThan(0);
    expect(await cli(onRun('watch'))).toMatchObject({ code: 3 });
    expect(await cli(onRun('status'))).toMatchObject({ code: 3 });
    expect(await cli(onRun('pause'))).toMatchObject({ code: 1, stderr: expect.stringContaining('has ended') });
  });

  it('tries a failed window again, by its start or the day of it', async () => {
    const { transferFile } = worker.activities;
    worker.activities.transferFile = (args) => {
      if (args.window.startAt !== '2024-01-01T00:00:00Z') return transferFile(args);
      throw ApplicationFailure.nonRetryable('9 records were counted', 'WindowFailed');
    };
    await start(['--detach', '--on-window-failure', 'wait']);
    await untilStage('waiting for retryWindow');
    const wrong = await cli(onRun('retry-window', '2024-02-01'));
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('Failed are 2024-01-01T00:00:00Z.') });
    expect((await cli(onRun('status'))).stdout).toContain('failed · 9 records were counted');
    worker.activities.transferFile = transferFile;
    expect((await cli(onRun('retry-window', '2024-01-01'))).code).toBe(0);
    expect((await cli(onRun('watch'))).code).toBe(0);
  });

  it('tells how much of a file is in S3 by the last heartbeat of its transfer', async () => {
    const { transferFile } = worker.activities;
    const released = new AbortController();
    worker.activities.transferFile = async (args) => {
      heartbeat({ uploadedBytes: 300 });
      if (!released.signal.aborted) await once(released.signal, 'abort');
      return transferFile(args);
    };
    await start(['--detach']);
    let status = await cli(onRun('status'));
    while (!status.stdout.includes('300 B of ')) status = await cli(onRun('status'));
    expect(status.stdout).toContain('transferring · 10 records · 300 B of 1.0 kB\n');
    released.abort();
    expect((await cli(onRun('watch'))).code).toBe(0);
    worker.activities.transferFile = transferFile;
  });

  it('tells a terminated run by exit code 3 and its reason', async () => {
    worker.activities.held = true;
    await start(['--detach']);
    await client.workflow.getHandle(`extract-leads/bucket/${key}`).terminate('enough');
    expect(await cli(onRun('status'))).toMatchObject({ code: 3, stdout: 'The run was terminated: enough\n' });
  });

  it('returns at once from cancel --detach', async () => {
    worker.activities.held = true;
    await start(['--detach']);
    expect(await cli(onRun('cancel', '--detach'))).toMatchObject({ code: 0 });
    expect((await cli(onRun('watch'))).code).toBe(3);
  });

  it('knows nothing of a run that is not there, and refuses another kind of workflow', async () => {
    expect(await cli(['status', '--workflow-id', 'none-such'])).toMatchObject({
      code: 1,
      stderr: `There is no run "none-such" in the namespace default at ${ADDRESS}.\n`,
    });
    const other = await client.workflow.start('somethingElse', { taskQueue: 'none', workflowId: `other-${key}` });
    expect(await cli(['pause', '--workflow-id', `other-${key}`])).toMatchObject({
      code: 1,
      stderr: `"other-${key}" is a somethingElse workflow, not extractLeads.\n`,
    });
    await other.terminate();
  });

  it('names a namespace that Temporal does not have', async () => {
    const ran = await cli(['status', '--workflow-id', 'x'], { env: { TEMPORAL_NAMESPACE: 'none-such' } });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('none-such');
  });
});

import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../scripts/servers/ports.js';
import type { Fault } from '../../simulator/faults.js';
import { Rig, until } from '../crash/rig.js';
import { readObject } from '../helpers/s3.js';

const SECRET = 'the-secret-of-the-custom-service';
const WINDOWS = ['2024-01-01', '2024-02-01', '2024-03-03'].map((day) => `${day}T00:00:00Z`);

/** Faults whose errors know what must not get out: a URL with the secret, a header with the token, a row. */
const FAULTS: readonly Fault[] = [
  { endpoint: 'identity', nth: 1, effect: { kind: 'reset' } },
  { endpoint: 'identity', nth: 2, effect: { kind: 'http', status: 502, body: '<html>' } },
  { endpoint: 'identity', nth: 3, effect: { kind: 'truncateBody' } },
  { endpoint: 'folders', nth: 1, effect: { kind: 'reset' } },
  { endpoint: 'describe', nth: 1, effect: { kind: 'expireToken' } },
  { endpoint: 'create', nth: 3, effect: { kind: 'error', code: '611', message: 'System error' } },
  { endpoint: 'create', nth: 4, effect: { kind: 'jobFails' } },
  { endpoint: 'enqueue', nth: 1, effect: { kind: 'resetAfter' } },
  { endpoint: 'status', nth: 2, effect: { kind: 'truncateBody' } },
  { endpoint: 'file', nth: 1, effect: { kind: 'cutAfterBytes', bytes: 9000 } },
  { endpoint: 'file', nth: 2, effect: { kind: 'cutAfterBytes', bytes: 9000 } },
  { endpoint: 'file', nth: 3, effect: { kind: 'flipBit', atByte: 22_000 } },
  { endpoint: 'create', nth: 6, effect: { kind: 'wrongRecordCount', by: 1 } },
];

describe('neither secret nor token nor anything of a lead is in', () => {
  let rig: Rig;
  const tokens = new Set<string>();
  let rows: string[];
  /** What is looked through, by where it was found. */
  const found = new Map<string, string>();
  const leaks = (text: string): string[] => {
    const secrets = [SECRET, 'Bearer ', process.env['AWS_SECRET_ACCESS_KEY'] ?? SECRET, ...tokens];
    return [
      ...secrets.filter((secret) => text.includes(secret)).map((secret) => `a secret of ${secret.length} characters`),
      ...(/lead\.\d+@|@example\.com/.test(text) ? ['an email address'] : []),
      ...(rows.some((row) => text.includes(row)) ? ['a row'] : []),
    ];
  };

  beforeAll(async () => {
    rig = await Rig.start({ clientSecret: SECRET });
    keepTokens();
    for (const fault of FAULTS) rig.simulator.faults.inject(fault);
    const [metricsPort = 0] = await freePorts(1);
    const worker = await rig.work({ METRICS_ADDRESS: `127.0.0.1:${metricsPort}` });
    await failRun();
    expect(Object.values(rig.simulator.faults.struck).reduce((sum, times) => sum + times, 0)).toBe(FAULTS.length);

    // Stopped before its manifest, the second run shows all that the service ever keeps in S3.
    rig.proxy.inject({
      operation: 'PutObject',
      key: 'manifest.json',
      effect: { kind: 'error', status: 500, code: 'InternalError' },
    });
    const run = await rig.begin({}, 'secretive');
    await until(() => rig.proxy.struck > 0);
    await keepObjects('records in S3');
    rig.proxy.clear();
    const result = await run.result();
    await keepHistories('histories of a run that succeeded');
    await keepObjects('manifest and report');
    rows = (await rig.expected(result))
      .toString()
      .split('\n')
      .slice(1, 200)
      .filter((row) => row.length > 40);
    found.set('the metrics', await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text());
    found.set("the worker's log", worker.log());
  }, 240_000);
  afterAll(() => rig.stop());

  it.each([
    'histories of a run that failed',
    'heartbeats and failures of attempts',
    'the failure of a run',
    'records in S3',
    'manifest and report',
    'histories of a run that succeeded',
    'the metrics',
    "the worker's log",
  ])('%s', (where) => {
    const text = found.get(where) ?? '';
    expect(text.length).toBeGreaterThan(100);
    expect(leaks(text)).toEqual([]);
  });

  it('the places where they are would be told', async () => {
    expect(tokens.size).toBeGreaterThan(1);
    const output = await readObject(rig.s3, rig.bucket, 'out/leads.csv');
    expect(leaks(output.toString())).toEqual(['an email address', 'a row']);
    expect(leaks(`access_token=${[...tokens][1] ?? ''}&client_secret=${SECRET}`)).toHaveLength(2);
  });

  /** A run whose third window fails for good, watched while it runs. */
  async function failRun(): Promise<void> {
    const run = await rig.begin({}, 'secretive');
    const seen: string[] = [];
    const watching = setInterval(() => void watch(seen), 100);
    const failure: unknown = await run.result().catch((error: unknown) => error);
    clearInterval(watching);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    const { cause } = failure as WorkflowFailedError;
    found.set('the failure of a run', `${cause?.message ?? ''}${cause?.stack ?? ''}`);
    found.set('heartbeats and failures of attempts', seen.join('\n'));
    await keepHistories('histories of a run that failed');
  }

  async function watch(seen: string[]): Promise<void> {
    for (const workflowId of workflowIds()) {
      // A window that has not begun yet has nothing to show.
      const description = await rig.client.workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => undefined);
      if (description) seen.push(textOf(description.raw.pendingActivities));
    }
  }

  async function keepHistories(where: string): Promise<void> {
    const histories = await Promise.all(
      workflowIds().map((workflowId) => rig.client.workflow.getHandle(workflowId).fetchHistory()),
    );
    found.set(where, histories.map(textOf).join('\n'));
  }

  function workflowIds(): string[] {
    return ['secretive', ...WINDOWS.map((window) => `secretive/${window}`)];
  }

  /** Everything in the bucket but the files themselves: names of objects, and what the service writes about them. */
  async function keepObjects(where: string): Promise<void> {
    const keys = await rig.keys();
    const written = keys.filter((key) => /\.(?:json|html|ids)$/.test(key));
    const contents = await Promise.all(written.map((key) => readObject(rig.s3, rig.bucket, key)));
    found.set(where, [...keys, ...contents.map(String)].join('\n'));
  }

  /** Keeps each token that the instance hands out. */
  function keepTokens(): void {
    const { identity } = rig.simulator;
    const issue = identity.issue.bind(identity);
    identity.issue = () => {
      const answer = issue();
      tokens.add(answer.access_token);
      return answer;
    };
  }
});

/** All text in a message of Temporal's, what its payloads hold included. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value === 'object' && value !== null) return Object.values(value).map(textOf).join('\n');
  return String(value);
}

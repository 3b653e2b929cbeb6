import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onFreePorts } from '../../scripts/servers/ports.js';
import { Simulator } from '../../simulator/simulator.js';
import type { ExtractResult } from '../../src/contract/result.js';
import { THREE_WINDOWS } from '../end-to-end/harness.js';
import { scrape, total, type Sample } from './scrape.js';
import { extractBy, startWorkerFor, type WorkerProcess } from './worker-process.js';

/** Labels that Temporal's core puts on everything. */
const COMMON = ['service_name'];

describe('the metrics of a worker process after a run with faults', () => {
  let simulator: Simulator;
  let worker: WorkerProcess;
  let metricsUrl: string;
  let healthUrl: string;
  let result: ExtractResult;
  let samples: Sample[];

  beforeAll(async () => {
    simulator = await Simulator.start({ speed: 1000, processingSeconds: [60, 240], ...THREE_WINDOWS });
    simulator.faults.inject({ endpoint: 'file', nth: 1, effect: { kind: 'cutAfterBytes', bytes: 1000 } });
    simulator.faults.inject({ endpoint: 'create', nth: 2, effect: { kind: 'http', status: 503 } });
    simulator.faults.inject({
      endpoint: 'enqueue',
      nth: 1,
      effect: { kind: 'error', code: '1029', message: 'Too many jobs in queue' },
    });
    simulator.faults.inject({ endpoint: 'create', nth: 4, effect: { kind: 'jobFails' } });
    simulator.faults.inject({
      endpoint: 'describe',
      nth: 1,
      effect: { kind: 'error', code: '4711', message: 'something new' },
    });
    worker = await onFreePorts(2, ([metrics = 0, health = 0]) => {
      metricsUrl = `http://127.0.0.1:${metrics}/metrics`;
      healthUrl = `http://127.0.0.1:${health}`;
      return startWorkerFor(simulator, {
        METRICS_ADDRESS: `127.0.0.1:${metrics}`,
        HEALTH_ADDRESS: `127.0.0.1:${health}`,
      });
    });
    result = await extractBy(worker, { fields: ['email', 'createdAt'] });
    samples = await scrape(metricsUrl);
  }, 120_000);

  afterAll(async () => {
    await worker.stop();
    await simulator.close();
  }, 60_000);

  it('count what the run delivered', () => {
    expect(total(samples, 'marketo_extract_windows_exported_total')).toBe(result.windows);
    expect(total(samples, 'marketo_extract_records_exported_total')).toBe(result.leads + result.duplicates);
    expect(total(samples, 'marketo_extract_leads_published_total')).toBe(result.leads);
    expect(total(samples, 'marketo_extract_duplicates_total')).toBe(result.duplicates);
    expect(total(samples, 'marketo_extract_bytes_published_total')).toBe(result.bytes);
    const downloaded = simulator.jobs.all.filter(({ exportId }) =>
      simulator.calls.records.some((call) => call.endpoint === 'file' && call.exportId === exportId),
    );
    const bytes = downloaded.reduce((sum, { facts }) => sum + (facts?.bytes ?? 0), 0);
    expect(total(samples, 'marketo_extract_bytes_exported_total')).toBe(bytes);
  });

  it('count jobs by what became of them', () => {
    const jobs = (outcome: string): number => total(samples, 'marketo_extract_jobs_total', { outcome });
    expect({ created: jobs('created'), completed: jobs('completed'), lost: jobs('lost') }).toEqual({
      created: 4,
      completed: 3,
      lost: 1,
    });
  });

  it('count each call of the API that the instance saw', () => {
    for (const endpoint of ['identity', 'folders', 'describe', 'create', 'enqueue', 'status', 'cancel', 'file']) {
      // The service calls both kinds of Describe so.
      const seen = simulator.calls.records.filter((call) => call.endpoint.replace('Json', '') === endpoint).length;
      expect([endpoint, total(samples, 'marketo_extract_marketo_calls_total', { endpoint })]).toEqual([endpoint, seen]);
    }
    const calls = (endpoint: string, code: string): number =>
      total(samples, 'marketo_extract_marketo_calls_total', { endpoint, code });
    expect(calls('create', 'HTTP 503')).toBe(1);
    expect(calls('enqueue', '1029')).toBe(1);
  });

  it('name a code that nobody knows no further than "other"', () => {
    expect(total(samples, 'marketo_extract_marketo_calls_total', { endpoint: 'describe', code: 'other' })).toBe(1);
    expect(samples.filter(({ labels }) => Object.values(labels).includes('4711'))).toEqual([]);
  });

  it('count retries, waits by reason and resumed downloads', () => {
    const retries = (activity: string, reason: string): number =>
      total(samples, 'marketo_extract_retries_total', { activity, reason });
    expect(retries('createJob', 'transient')).toBe(1);
    expect(retries('enqueueJob', 'queueFull')).toBe(1);
    expect(retries('awaitJob', 'jobQueued')).toBeGreaterThanOrEqual(3);
    expect(total(samples, 'marketo_extract_wait_ends_timestamp_seconds', { reason: 'queueFull' })).toBeGreaterThan(
      1.7e9,
    );
    expect(samples.some(({ name }) => name === 'marketo_extract_wait_seconds_total')).toBe(true);
    expect(total(samples, 'marketo_extract_downloads_resumed_total')).toBe(1);
  });

  it('tell how long stages took, in buckets up to days', () => {
    for (const [stage, times] of Object.entries({ queue: 3, processing: 3, transfer: 3, merge: 1 })) {
      expect([stage, total(samples, 'marketo_extract_stage_seconds_count', { stage })]).toEqual([stage, times]);
    }
    const bounds = samples
      .filter(({ name, labels }) => name === 'marketo_extract_stage_seconds_bucket' && labels['stage'] === 'merge')
      .map(({ labels }) => labels['le']);
    expect(bounds).toContain('172800');
  });

  it('have no labels but those whose values are known beforehand', () => {
    const ours = samples.filter(({ name }) => name.startsWith('marketo_extract_'));
    const labels = new Set(ours.flatMap((sample) => Object.keys(sample.labels)));
    const known = ['activity', 'code', 'dependency', 'endpoint', 'le', 'outcome', 'reason', 'stage', 'type', ...COMMON];
    expect([...labels].filter((label) => !known.includes(label))).toEqual([]);
  });

  it("stand beside those of Temporal's SDK", () => {
    const completed = total(samples, 'temporal_workflow_completed_total', { workflow_type: 'extractLeads' });
    expect(completed).toBe(1);
  });

  it('come with a health endpoint that says whether the worker can work', async () => {
    const status = async (path: string): Promise<number> => (await fetch(`${healthUrl}${path}`)).status;
    expect([await status('/live'), await status('/ready'), await status('/')]).toEqual([200, 200, 404]);
    for (const dependency of ['marketo', 's3']) {
      expect(total(samples, 'marketo_extract_dependency_ready', { dependency })).toBe(1);
    }
  });
});

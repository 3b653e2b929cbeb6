import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { onFreePorts } from '../../scripts/servers/ports.js';
import { Simulator } from '../../simulator/simulator.js';
import { THREE_WINDOWS } from '../end-to-end/harness.js';
import { scrape, total } from './scrape.js';
import { extractBy, logOf, startWorkerFor, type WorkerProcess } from './worker-process.js';

let simulator: Simulator;

beforeEach(async () => {
  simulator = await Simulator.start({ speed: 1000, processingSeconds: [60, 240], ...THREE_WINDOWS });
});

afterEach(() => simulator.close());

describe('the log of a worker on a run in which nothing goes wrong', () => {
  let collector: HttpServer;

  beforeEach(async () => {
    collector = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
    });
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
  });

  afterEach(() => {
    collector.closeAllConnections();
    collector.close();
  });

  it.each([
    ['without traces', () => ({})],
    [
      'with traces',
      () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}` }),
    ],
  ])('holds no warning and no error, %s', async (_, env) => {
    const worker = await startWorkerFor(simulator, env());
    try {
      expect((await extractBy(worker)).windows).toBe(3);
    } finally {
      await worker.stop();
    }
    const lines = logOf(worker);
    expect(lines.filter(({ level }) => level !== 'INFO')).toEqual([]);
    const told = lines.map(({ message }) => message);
    expect(told).toEqual(expect.arrayContaining(['worker started', 'Marketo can be used', 'S3 can be used']));
  });
});

describe('a worker that cannot use Marketo and S3', () => {
  const SECRETS = { MARKETO_CLIENT_SECRET: 'wrong-for-marketo', AWS_SECRET_ACCESS_KEY: 'wrong-for-s3' };
  let worker: WorkerProcess;
  let urls: { readonly health: string; readonly metrics: string };

  beforeEach(async () => {
    worker = await onFreePorts(2, ([metrics = 0, health = 0]) => {
      urls = { health: `http://127.0.0.1:${health}`, metrics: `http://127.0.0.1:${metrics}/metrics` };
      return startWorkerFor(simulator, {
        ...SECRETS,
        METRICS_ADDRESS: `127.0.0.1:${metrics}`,
        HEALTH_ADDRESS: `127.0.0.1:${health}`,
      });
    });
  });

  afterEach(() => worker.stop());

  it('says so in a sentence each, is not ready but alive, and tells no secret', async () => {
    const warnings = (): Map<string | undefined, string> =>
      new Map(logOf(worker).flatMap((line) => (line.level === 'WARN' ? [[line.dependency, line.message]] : [])));
    while (warnings().size < 2) await sleep(100);
    expect(warnings().get('marketo')).toMatch(/^Marketo HTTP 401 \(identity\): .*MARKETO_CLIENT_SECRET/);
    expect(warnings().get('s3')).toMatch(/^S3 refuses or fails: SignatureDoesNotMatch/);
    const ready = await fetch(`${urls.health}/ready`);
    const reason = await ready.text();
    expect(ready.status).toBe(503);
    for (const warning of warnings().values()) expect(reason).toContain(warning);
    expect((await fetch(`${urls.health}/live`)).status).toBe(200);
    for (const dependency of ['marketo', 's3']) {
      const samples = (await scrape(urls.metrics)).filter(({ labels }) => labels['dependency'] === dependency);
      expect(samples).toHaveLength(1);
      expect(total(samples, 'marketo_extract_dependency_ready')).toBe(0);
    }
    for (const secret of Object.values(SECRETS)) expect(`${worker.log()}${reason}`).not.toContain(secret);
  });
});

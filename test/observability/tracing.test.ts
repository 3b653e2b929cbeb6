import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Simulator } from '../../simulator/simulator.js';
import { wantsTracing } from '../../src/observability/tracing.js';
import { THREE_WINDOWS } from '../end-to-end/harness.js';
import { extractBy, startWorkerFor } from './worker-process.js';

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

describe('the standard variables of OpenTelemetry', () => {
  it.each([
    [{}, false],
    [{ [ENDPOINT]: '' }, false],
    [{ [ENDPOINT]: 'http://collector:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
    [{ [ENDPOINT]: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' }, false],
    [{ [ENDPOINT]: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ [ENDPOINT]: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'otlp' }, true],
  ])('%j ask for traces: %s', (environment, wanted) => {
    expect(wantsTracing(environment)).toBe(wanted);
  });
});

describe('a worker process that is told to trace', () => {
  let collector: HttpServer;
  const requests: { path: string; headers: Record<string, unknown>; text: string }[] = [];

  beforeAll(async () => {
    collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        // Names and strings lie in protobuf as they are.
        const text = Buffer.concat(chunks).toString('latin1');
        requests.push({ path: request.url ?? '', headers: request.headers, text });
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
    await new Promise<void>((resolve) => {
      collector.listen(0, '127.0.0.1', resolve);
    });
    const simulator = await Simulator.start({ speed: 1000, processingSeconds: [60, 240], ...THREE_WINDOWS });
    const worker = await startWorkerFor(simulator, {
      [ENDPOINT]: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-test=yes',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=testing',
    });
    try {
      await extractBy(worker);
    } finally {
      // What was not sent yet is sent when the worker stops.
      await worker.stop();
      await simulator.close();
    }
  }, 120_000);

  afterAll(() => {
    collector.close();
  });

  it('sends spans of workflows and activities to the endpoint that is named', () => {
    expect(new Set(requests.map(({ path }) => path))).toEqual(new Set(['/v1/traces']));
    expect(requests.every(({ headers }) => headers['x-test'] === 'yes')).toBe(true);
    const all = requests.map(({ text }) => text).join('');
    for (const name of [
      'RunWorkflow:extractLeads',
      'RunWorkflow:extractWindow',
      'StartChildWorkflow:extractWindow',
      'RunActivity:transferFile',
      'RunActivity:mergeParts',
      'marketo-lead-extract',
      'deployment.environment',
    ]) {
      expect(all).toContain(name);
    }
  });

  it('sends nothing of any lead', () => {
    const all = requests.map(({ text }) => text).join('');
    expect(all).not.toMatch(/@[\w.-]+\.(?:com|org|net|example|test)/);
  });
});

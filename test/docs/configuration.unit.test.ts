import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';
import { readInput, type ExtractInput } from '../../src/contract/input.js';
import { Metrics } from '../../src/observability/metrics.js';
import { noopMetricMeter, type MetricMeter } from '@temporalio/common';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('the documents', () => {
  it('name every variable that a worker reads', () => {
    const variables = new Set(
      ['src/config.ts', 'src/environment-files.ts', 'src/cli/web-ui.ts', 'src/observability/tracing.ts'].flatMap(
        (path) =>
          [...read(path).matchAll(/\b(?:MARKETO|AWS|S3|TEMPORAL|METRICS|HEALTH|OTEL)_[A-Z0-9_]+\b/g)].map(
            ([name]) => name,
          ),
      ),
    );
    expect(variables.size).toBeGreaterThan(15);
    const page = read('docs/configuration.md');
    expect([...variables].filter((name) => !page.includes(name))).toEqual([]);
  });

  it('show only inputs that are taken', () => {
    const examples = ['docs/configuration.md', 'docs/api.md', 'README.md'].flatMap((path) => {
      const text = read(path);
      const blocks = [...text.matchAll(/```json\n([^]*?)```/g)].map(([, json = '']) => json);
      const inline = [...text.matchAll(/--input '(\{[^']*\})'/g)].map(([, json = '']) => json);
      return [...blocks, ...inline].map((json) => JSON.parse(json) as ExtractInput & { manifest?: string });
    });
    const inputs = examples.filter((example) => example.manifest === undefined);
    expect(inputs.length).toBeGreaterThan(4);
    for (const input of inputs) expect(readInput(input, Date.now())).toHaveProperty('request');
  });

  it('explain every metric of ours', () => {
    const names: string[] = [];
    const noted: MetricMeter = {
      createCounter: (name) => (names.push(`${name}_total`), noopMetricMeter.createCounter(name)),
      createHistogram: (name) => (names.push(name), noopMetricMeter.createHistogram(name)),
      createGauge: (name) => (names.push(name), noopMetricMeter.createGauge(name)),
      withTags: () => noted,
    };
    expect(new Metrics(noted)).toBeInstanceOf(Metrics);
    const page = read('docs/operating.md');
    const missing = names.filter((name) => !page.includes(`…${name.replace('marketo_extract_', '')}\``));
    expect(names.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });
});

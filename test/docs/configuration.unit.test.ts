import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';
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

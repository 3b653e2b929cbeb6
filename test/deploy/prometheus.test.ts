import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { noopMetricMeter, type MetricMeter } from '@temporalio/common';
import { Metrics } from '../../src/observability/metrics.js';
import { hasProgram } from '../helpers/programs.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';

const run = promisify(execFile);
const deploy = new URL('../../deploy/', import.meta.url);
const RULES = new URL('prometheus/alerts.yml', deploy);
const DASHBOARD = new URL('grafana/dashboards/marketo-lead-extract.json', deploy);

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

async function panels(): Promise<readonly Panel[]> {
  return (JSON.parse(await readFile(DASHBOARD, 'utf8')) as { panels: Panel[] }).panels;
}

/** Names that a worker exposes, as Prometheus sees them. */
function exposedNames(): ReadonlySet<string> {
  const names = new Set<string>();
  const noted: MetricMeter = {
    createCounter: (name) => {
      names.add(`${name}_total`);
      return noopMetricMeter.createCounter(name);
    },
    createHistogram: (name) => {
      for (const suffix of ['bucket', 'sum', 'count']) names.add(`${name}_${suffix}`);
      return noopMetricMeter.createHistogram(name);
    },
    createGauge: (name) => {
      names.add(name);
      return noopMetricMeter.createGauge(name);
    },
    withTags: () => noted,
  };
  expect(new Metrics(noted)).toBeInstanceOf(Metrics);
  return names;
}

(hasProgram('promtool', 'prometheus') ? describe : describe.skip)(
  'the monitoring that comes along, by promtool',
  () => {
    const promtool = async (...args: string[]): Promise<string> => (await run('promtool', args)).stdout;

    it('is configured as Prometheus wants it', async () => {
      expect(await promtool('check', 'config', new URL('prometheus/prometheus.yml', deploy).pathname)).toContain(
        'SUCCESS',
      );
    });

    it('has alerts that fire when they should and at no other time', async () => {
      const tests = new URL('prometheus/alerts.test.yml', deploy).pathname;
      expect(await promtool('test', 'rules', tests)).toContain('SUCCESS');
    });

    it('asks in the dashboard only what Prometheus can answer', async () => {
      const queries = (await panels()).flatMap(({ targets }) => targets.map(({ expr }) => expr));
      const rules = queries.map((query, index) => ({
        record: `query:${index}`,
        // Grafana puts in durations.
        expr: query.replaceAll(/\$__(?:range|rate_interval)/g, '1h'),
      }));
      await withTemporaryDirectory(async (directory) => {
        const file = join(directory, 'queries.yml');
        // JSON is YAML.
        await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
        expect(await promtool('check', 'rules', file)).toContain(`${rules.length} rules found`);
      });
    });
  },
);

describe('the monitoring that comes along', () => {
  it('speaks only of metrics that a worker exposes', async () => {
    const text = `${await readFile(RULES, 'utf8')}${await readFile(DASHBOARD, 'utf8')}`;
    const used = new Set(text.match(/\bmarketo_extract_\w+/g));
    expect(used.size).toBeGreaterThan(8);
    const exposed = exposedNames();
    expect([...used].filter((name) => !exposed.has(name))).toEqual([]);
  });

  it('explains each panel, and lays none over another', async () => {
    const all = await panels();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)}/${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(all.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
    expect(all.filter(({ title, description }) => title === '' || description === '')).toEqual([]);
  });

  it('has every alert explained in the documents', async () => {
    const alerts = [...(await readFile(RULES, 'utf8')).matchAll(/alert: (\w+)/g)].map(([, name]) => name);
    const operating = await readFile(new URL('../docs/operating.md', deploy), 'utf8');
    expect(alerts.length).toBeGreaterThan(5);
    expect(alerts.filter((name) => !operating.includes(`\`${name ?? ''}\``))).toEqual([]);
  });
});

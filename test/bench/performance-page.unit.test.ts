import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isMet } from '../../bench/benchmark.js';
import { CHARTED, chartOf } from '../../bench/charts.js';
import type { Report } from '../../bench/report.js';
import { performanceFiles } from '../../bench/write-performance.js';
import { ROOT } from '../../scripts/root.js';

const reportOf = (name: string): Report =>
  JSON.parse(readFileSync(join(ROOT, `docs/benchmarks/${name}.json`), 'utf8')) as Report;

describe('docs/performance.md', () => {
  it('and its charts are what the results make of them', async () => {
    const files = await performanceFiles();
    expect(files.size).toBe(CHARTED.length + 1);
    for (const [path, text] of files) {
      expect(existsSync(join(ROOT, path))).toBe(true);
      // Not toBe: a difference between drawings is of no use to a reader.
      expect({ path, stale: readFileSync(join(ROOT, path), 'utf8') !== text }).toEqual({ path, stale: false });
    }
  });

  it('tells of results that meet every gate', () => {
    const missed = CHARTED.flatMap((name) => reportOf(name).gates.filter((gate) => !isMet(gate)));
    expect(missed).toEqual([]);
  });

  it.each(CHARTED)('has a chart of %s that changes with its numbers', (name) => {
    const report = reportOf(name);
    const [first, ...others] = report.tables;
    if (!first) throw new Error(`${name} has no table`);
    const more = first.rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell * 1.5 : cell)));
    const chart = chartOf(report);
    expect(chart).toMatch(/^<svg[^]*<\/svg>$/);
    expect(chartOf(report)).toBe(chart);
    expect(chartOf({ ...report, tables: [{ ...first, rows: more }, ...others] })).not.toBe(chart);
  });
});

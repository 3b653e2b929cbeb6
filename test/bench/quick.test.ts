import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { CHARTED, chartOf } from '../../bench/charts.js';
import type { Report } from '../../bench/report.js';
import { ROOT } from '../../scripts/root.js';

const MAIN = join(ROOT, 'lib/bench/main.js');
const run = promisify(execFile);

describe('npm run bench -- --quick', () => {
  it('runs every benchmark through and writes what its chart needs', async () => {
    const out = await mkdtemp(join(tmpdir(), 'bench-out-'));
    try {
      const { stdout } = await run(process.execPath, ['--enable-source-maps', MAIN, '--quick', '--out', out]);
      // That of Parquet has no chart.
      expect((await readdir(out)).sort()).toEqual([...CHARTED, 'parquet'].map((name) => `${name}.json`).sort());
      for (const name of CHARTED) {
        expect(stdout).toContain(`=== ${name}`);
        const report = JSON.parse(await readFile(join(out, `${name}.json`), 'utf8')) as Report;
        expect(report.gates.length).toBeGreaterThan(0);
        for (const { value } of report.gates) expect(value).toEqual(expect.any(Number));
        expect(chartOf(report)).toContain('<svg');
      }
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  });

  it('refuses a name that no benchmark has', async () => {
    const refused: unknown = await run(process.execPath, [MAIN, '--only', 'nothing']).catch((error: unknown) => error);
    const { code, stdout } = refused as { code?: number; stdout?: string };
    expect(code).toBe(2);
    expect(stdout).toContain('There is no benchmark nothing');
  });
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';
import { hasProgram } from '../helpers/programs.js';

const run = promisify(execFile);

/** Its sandbox is made of Linux's namespaces, which root may make. */
const canRun = process.getuid?.() === 0 && process.platform === 'linux' && hasProgram('prometheus', 'prometheus');

(canRun ? describe : describe.skip)('what docker-compose.yml starts, as processes', () => {
  it('becomes healthy by its own health checks, and exports every lead of the simulated instance', async () => {
    // PostgreSQL and Temporal's server are left to `npm run check:compose`: they take too long to build.
    const script = join(ROOT, 'lib/scripts/check-compose.js');
    const { stdout } = await run(process.execPath, [script, '--dev-server']);
    for (const name of ['simulator', 's3', 'worker', 'page', 'prometheus'])
      expect(stdout).toContain(`${name} is healthy\n`);
    for (const name of ['temporal-namespace', 's3-bucket']) expect(stdout).toContain(`${name} is done`);
    expect(stdout).toContain('Done: 20,000 leads in s3://leads/all-leads.csv');
  });
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runNode, type Finished } from '../helpers/run-node.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';

const SCRIPT = fileURLToPath(new URL('../../scripts/test-summary.js', import.meta.url));

/** Summarizes a report with the keys of Jest's that matter. */
function summary(report: unknown, ...failedSteps: string[]): Promise<Finished> {
  return withTemporaryDirectory(async (directory) => {
    const path = join(directory, 'report.json');
    if (report !== undefined) await writeFile(path, JSON.stringify(report));
    return runNode([SCRIPT, path, ...failedSteps]);
  });
}

describe('the summary of a CI run', () => {
  it('is one line and exit code 0 when every test passed', async () => {
    const report = { numPassedTests: 12, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
    expect(await summary(report)).toEqual({ code: 0, stdout: '12 passed, 0 failed\n', stderr: '' });
  });

  it('counts failed tests and test files that could not run', async () => {
    const report = { numPassedTests: 12, numFailedTests: 2, numRuntimeErrorTestSuites: 1 };
    const { code, stdout } = await summary(report);
    expect(code).toBe(1);
    expect(stdout).toBe('failed tests: 2\ntest files that could not run: 1\n12 passed, 3 failed\n');
  });

  it('counts failed steps, so that a run with wrong formatting is no success', async () => {
    const report = { numPassedTests: 12, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
    const { code, stdout } = await summary(report, 'lint', 'typecheck');
    expect(code).toBe(1);
    expect(stdout).toBe('failed step: lint\nfailed step: typecheck\n12 passed, 2 failed\n');
  });

  it.each([
    ['the report has no test', { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0 }],
    ['there is no report', undefined],
  ])('is a failure when %s', async (_case, report) => {
    const { code, stdout } = await summary(report);
    expect(code).toBe(1);
    expect(stdout).toMatch(/no test ran\n0 passed, 1 failed\n$/);
  });
});

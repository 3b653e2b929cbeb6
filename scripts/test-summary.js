// The last line of a CI run, from Jest's own report: `node scripts/test-summary.js report.json [failed step ...]`.
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Counts what Jest reports. A test file that could not run at all is a failure, and so is each failed step of the run and
 * a run without any test.
 *
 * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number } | undefined} report
 *   what Jest wrote with `--json`; undefined where it wrote nothing
 * @param {readonly string[]} failedSteps
 * @returns {{ passed: number, failed: number, reasons: string[] }}
 */
export function summarize(report, failedSteps) {
  const passed = report?.numPassedTests ?? 0;
  const failedTests = report?.numFailedTests ?? 0;
  const brokenFiles = report?.numRuntimeErrorTestSuites ?? 0;
  const reasons = [
    ...failedSteps.map((step) => `failed step: ${step}`),
    ...(failedTests > 0 ? [`failed tests: ${failedTests}`] : []),
    ...(brokenFiles > 0 ? [`test files that could not run: ${brokenFiles}`] : []),
    ...(passed + failedTests === 0 ? ['no test ran'] : []),
  ];
  const nothingRan = passed + failedTests === 0 ? 1 : 0;
  return { passed, failed: failedTests + brokenFiles + failedSteps.length + nothingRan, reasons };
}

function main([reportPath, ...failedSteps]) {
  let report;
  try {
    report = JSON.parse(readFileSync(reportPath, 'utf8'));
  } catch (error) {
    process.stdout.write(`no report of the tests: ${error.message}\n`);
  }
  const { passed, failed, reasons } = summarize(report, failedSteps);
  for (const reason of reasons) process.stdout.write(`${reason}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2));
}

// The last line of a CI run, from Jest's own report: `node scripts/test-summary.js report.json [failed step ...]`.
// What failed comes first, then "N passed, N failed". A test file that could not run counts as a failure, and so does each
// failed step and a run without any test.
import { readFileSync } from 'node:fs';

const [reportPath, ...failedSteps] = process.argv.slice(2);

const report = readReport(reportPath);
const passed = report.numPassedTests;
const nothingRan = passed + report.numFailedTests === 0;
const failures = [
  ...failedSteps.map((step) => ({ count: 1, what: `failed step: ${step}` })),
  { count: report.numFailedTests, what: `failed tests: ${report.numFailedTests}` },
  {
    count: report.numRuntimeErrorTestSuites,
    what: `test files that could not run: ${report.numRuntimeErrorTestSuites}`,
  },
  { count: nothingRan ? 1 : 0, what: 'no test ran' },
].filter(({ count }) => count > 0);
const failed = failures.reduce((sum, { count }) => sum + count, 0);

for (const { what } of failures) process.stdout.write(`${what}\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** Jest writes no report where its own set-up fails. */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    process.stdout.write(`no report of the tests (${error.message})\n`);
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
  }
}

import { TestWorkflowEnvironment } from '@temporalio/testing';

/** The variable that the global set-up or a developer sets. */
function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests with "npm test"`);
  return value;
}

/** The Temporal server that the tests share, with the search attributes registered. Tear it down when done. */
export function sharedTemporal(): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createFromExistingServer({ address: required('TEMPORAL_ADDRESS') });
}

/**
 * A time-skipping server of its own, since skipping moves the clock of the whole server. Waits of days pass in no time;
 * it keeps neither heartbeat details across failures nor search attributes.
 */
export function timeSkippingTemporal(): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: required('TEMPORAL_TEST_SERVER') } },
  });
}

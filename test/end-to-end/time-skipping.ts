import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Fault } from '../../simulator/faults.js';
import { Service } from './harness.js';

/**
 * A service over a time-skipping server of its own: waits of days pass in no time. `closed` tells how many seconds of the
 * server's time the last run took.
 */
export async function timeSkipping(
  faults: readonly Fault[],
): Promise<{ service: Service; closed: () => Promise<number> }> {
  const path = process.env['TEMPORAL_TEST_SERVER'];
  if (path === undefined) throw new Error('TEMPORAL_TEST_SERVER must name the time-skipping test server');
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  const service = await Service.start({}, env);
  for (const fault of faults) service.simulator.faults.inject(fault);
  return {
    service,
    closed: async () => {
      const id = service.lastWorkflowId ?? '';
      const { startTime, closeTime } = await env.client.workflow.getHandle(id).describe();
      return ((closeTime?.getTime() ?? 0) - startTime.getTime()) / 1000;
    },
  };
}

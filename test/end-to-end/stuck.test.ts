import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { windowProgressQuery } from '../../src/contract/messages.js';
import { eventually } from './eventually.js';
import { quiet, Service } from './harness.js';
import { ServerClock } from './server-clock.js';

beforeAll(quiet);

const JANUARY = '2024-01-01T00:00:00Z';
const HOUR = 3_600_000;

let clock: ServerClock;
let service: Service;
beforeEach(async () => {
  clock = ServerClock.install();
  // A day of the activities is a day of the instance's too: at a greater speed it would be years, and the jobs forgotten.
  service = await Service.start({ speed: 20, processingSeconds: [5, 10] }, undefined, clock);
});
afterEach(async () => {
  await service.stop();
  clock.uninstall();
});

describe('a window whose jobs are processed for more than a day', () => {
  it('is exported in halves after the second one, and both are cancelled', async () => {
    service.simulator.faults.inject({
      endpoint: 'create',
      effect: { kind: 'jobStuck', status: 'Processing', longerThanDays: 25 },
      times: 4,
    });
    const handle = await service.start();
    const child = service.client.workflow.getHandle(`${handle.workflowId}/${JANUARY}`);
    for (const job of [1, 2]) {
      await eventually(async () => {
        const { wait, jobs } = await child.query(windowProgressQuery);
        return jobs === job && wait?.reason === 'jobProcessing' ? true : undefined;
      });
      clock.leap(25 * HOUR);
    }
    const result = await handle.result();
    await service.expectRightAndClean(result);
    const { windows, warnings } = await service.manifest();
    expect(windows.slice(0, 2).map(({ startAt }) => startAt)).toEqual([JANUARY, '2024-01-16T12:00:00Z']);
    expect(warnings).toContainEqual(expect.stringContaining('exported in halves'));
    expect(service.simulator.jobs.all.slice(1, 3).map(({ state }) => state)).toEqual(['Cancelled', 'Cancelled']);
  });
});

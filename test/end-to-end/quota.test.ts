import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DateTime } from 'luxon';
import { progressQuery, windowProgressQuery } from '../../src/contract/messages.js';
import type { Fault } from '../../simulator/faults.js';
import { moment } from '../../src/text/format.js';
import { eventually } from './eventually.js';
import { quiet, withService, type Service } from './harness.js';
import { timeSkipping } from './time-skipping.js';

beforeAll(quiet);

const QUOTA = { kind: 'error', code: '1029', message: 'Export daily quota 500MB exceeded.' } as const;
const FIRST_CHILD = '2024-01-01T00:00:00Z';

/** The moments at which a try may be due: the next midnight in Chicago with up to five minutes, or a quarter of an hour from now just after one. */
function isDue(until: string, now: DateTime): boolean {
  const central = DateTime.fromISO(until).setZone('America/Chicago');
  const minutes = central.diff(central.startOf('day'), 'minutes').minutes;
  const fromNow = DateTime.fromISO(until).diff(now, 'minutes').minutes;
  return (minutes < 5 && fromNow > 0 && fromNow < 24 * 60 + 65) || (fromNow > 14 && fromNow <= 15);
}

describe('the daily export quota', () => {
  it.each(['enqueue', 'create'] as const)(
    'is waited for until midnight Central, and everybody can see that, at %s',
    (endpoint) =>
      withService({}, async (service) => {
        // The field check is let through: the wait is to be a window's.
        service.simulator.faults.inject({ endpoint, ...(endpoint === 'create' ? { nth: 3 } : {}), effect: QUOTA });
        const handle = await service.start();
        const child = service.client.workflow.getHandle(`${handle.workflowId}/${FIRST_CHILD}`);
        const wait = await eventually(async () => (await handle.query(progressQuery)).current[0]?.wait);
        expect(wait).toMatchObject({ reason: 'exportQuota', message: 'Waiting for the daily export quota' });
        expect(isDue(wait.until ?? '', DateTime.now())).toBe(true);
        expect((await child.query(windowProgressQuery)).wait?.until).toBe(wait.until);

        const pending = (await child.describe()).raw.pendingActivities?.[0];
        const due = DateTime.fromSeconds(Number(pending?.nextAttemptScheduleTime?.seconds ?? 0));
        expect(Math.abs(due.diff(DateTime.fromISO(wait.until ?? ''), 'seconds').seconds)).toBeLessThanOrEqual(2);
        const { currentDetails } = await metadataOf(service, handle.workflowId);
        expect(currentDetails).toContain(`Waiting for the daily export quota, until ${moment(wait.until ?? '')}`);

        await handle.cancel();
        await expect(handle.result()).rejects.toThrow();
        await service.expectNothingLeft();
      }),
  );

  it('tells of a full queue without naming a time', () =>
    withService({}, async (service) => {
      service.simulator.jobs.foreignQueued = 10;
      const handle = await service.start();
      const wait = await eventually(async () => (await handle.query(progressQuery)).current[0]?.wait);
      expect(wait).toMatchObject({ reason: 'queueFull' });
      expect(wait.until).toBeUndefined();
      service.simulator.jobs.foreignQueued = 0;
      await service.expectRightAndClean(await handle.result());
      expect((await handle.query(progressQuery)).current).toEqual([]);
    }));
});

describe('a run of several quota days', () => {
  let service: Service;
  let closed: () => Promise<number>;
  const faults: Fault[] = [
    { endpoint: 'enqueue', times: 3, effect: QUOTA },
    { endpoint: 'create', nth: 5, effect: { kind: 'error', code: '607', message: 'Daily quota reached' } },
  ];
  beforeAll(async () => {
    ({ service, closed } = await timeSkipping(faults));
  });
  afterAll(() => service.stop());

  it('takes the days that the quotas take, a call for each, and delivers the same output', async () => {
    const handle = await service.start();
    await service.expectRightAndClean(await handle.result());
    // Three refusals of the export quota and one of the calls: at least a quarter of an hour each, mostly a night.
    expect(await closed()).toBeGreaterThanOrEqual(4 * 14 * 60);
    expect(service.calls('enqueue')).toHaveLength(3 + 3);
  });
});

async function metadataOf(service: Service, workflowId: string): Promise<{ currentDetails: string }> {
  const answer = await service.client.workflow
    .getHandle(workflowId)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return { currentDetails: answer.currentDetails ?? '' };
}

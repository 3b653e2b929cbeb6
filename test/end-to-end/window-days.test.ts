import { beforeAll, describe, expect, it } from '@jest/globals';
import { failureOf } from '../workflows/harness.js';
import { quiet, withService } from './harness.js';

beforeAll(quiet);

const DAY = 86_400_000;
const FROM = Date.parse('2024-01-01T00:00:00Z');

describe('a run with', () => {
  it.concurrent.each([
    // More windows would run into Marketo's 100 calls in 20 s.
    [1, 10, 10],
    [7, 33, 5],
    [31, 33, 2],
  ])('windowDays of %i has the same output as any, of %i days in %i windows', (windowDays, days, windows) =>
    withService({ leads: 200, from: FROM, until: FROM + days * DAY - 1000 }, async (service) => {
      const endAt = new Date(FROM + days * DAY - 1000).toISOString();
      const result = await service.extract({ windowDays, concurrency: 3, endAt });
      await service.expectRightAndClean(result);
      expect(result).toMatchObject({ windows, leads: 200 });
      const lengths = (await service.manifest()).windows.map(
        ({ startAt, endAt }) => (Date.parse(endAt) - Date.parse(startAt) + 1000) / DAY,
      );
      expect(Math.max(...lengths)).toBe(windowDays);
    }),
  );

  it.concurrent('windowDays of another number is another plan: nothing of the former windows is taken over', () =>
    withService({}, async (service) => {
      const workflowId = `days-${service.bucket}`;
      service.simulator.faults.inject({ endpoint: 'create', nth: 4, effect: { kind: 'wrongRecordCount', by: 1 } });
      await failureOf((await service.start({}, workflowId)).result());
      const result = await (await service.start({ windowDays: 16, concurrency: 2 }, workflowId)).result();
      await service.expectRightAndClean(result);
      expect(result.windows).toBe(5);
    }),
  );

  it.concurrent(
    'minLeads keeps an output with fewer leads from being published, and the next start exports nothing again',
    () =>
      withService({}, async (service) => {
        const workflowId = `least-${service.bucket}`;
        const failure = await failureOf((await service.start({ minLeads: 601 }, workflowId)).result());
        expect(failure).toMatchObject({ type: 'TooFewLeads', message: expect.stringContaining('600 leads') });
        expect((await service.keys()).filter((key) => !key.includes('/parts/'))).toEqual([]);
        const before = service.simulator.jobs.all.length;
        const result = await (await service.start({ minLeads: 600 }, workflowId)).result();
        expect(service.simulator.jobs.all.length - before).toBe(1);
        await service.expectRightAndClean(result);
      }),
  );

  it.concurrent('minLeads is one by default where there were leads yesterday', () =>
    withService({}, async (service) => {
      await service.extract();
      const yesterday = await service.read('out/leads.csv');
      const empty = { startAt: '2023-01-01', endAt: '2023-02-01', fields: ['email'] };
      const failure = await failureOf((await service.start(empty)).result());
      expect(failure).toMatchObject({ type: 'TooFewLeads', message: expect.stringContaining('"minLeads": 0') });
      expect((await service.read('out/leads.csv')).equals(yesterday)).toBe(true);
      expect(await service.extract({ ...empty, minLeads: 0 })).toMatchObject({ leads: 0 });
      expect((await service.read('out/leads.csv')).toString()).toBe('id,email\n');
    }),
  );
});

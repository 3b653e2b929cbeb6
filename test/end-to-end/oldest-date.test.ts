import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ExtractResult } from '../../src/contract/result.js';
import { failureOf } from '../workflows/harness.js';
import { quiet, withService, type Service } from './harness.js';

beforeAll(quiet);

const DENIED = { endpoint: 'leads', effect: { kind: 'error', code: '603', message: 'Access denied' } } as const;

/** The output has all leads that there are, byte for byte. */
async function expectAll(service: Service, result: ExtractResult): Promise<void> {
  await service.expectRightAndClean(result);
  expect(result.leads).toBe(service.simulator.leads.leads);
}

describe('the beginning of a run that was given none', () => {
  it.concurrent('is that of the lowest ids where leads are older than the folders', () =>
    withService({ olderLeads: 50 }, async (service) => {
      const result = await service.extract({ concurrency: 3 });
      expect(Date.parse(result.startAt)).toBeLessThan(Date.parse('2024-01-01T00:00:00Z'));
      await expectAll(service, result);
    }),
  );

  it.concurrent.each([
    ['come a few at a time', { folderPageSize: 7 }],
    ['begin each page with the last one of the page before', { folderPageSize: 7, foldersRepeat: true }],
    ['tell dates without a zone', { folderDates: 'noZone' }],
  ] as const)('is that of the oldest folder where folders %s', (_name, switches) =>
    withService(switches, async (service) => {
      service.simulator.faults.inject(DENIED);
      const result = await service.extract();
      expect(result.startAt).toBe('2024-01-01T00:00:00Z');
      await expectAll(service, result);
      expect((await service.manifest()).warnings).toContainEqual(
        expect.stringMatching(/^The oldest date is that of the folders alone: Marketo 603/),
      );
    }),
  );

  it.concurrent.each([
    ['tell no dates', { folderDates: 'allNull' }],
    ['come again and again', { foldersIgnoreOffset: true }],
  ] as const)('is that of the lowest ids, and told to be, where folders %s', (_name, switches) =>
    withService({ olderLeads: 20, ...switches }, async (service) => {
      await expectAll(service, await service.extract({ concurrency: 3 }));
      expect((await service.manifest()).warnings).toContainEqual(
        expect.stringMatching(/^The oldest date is that of the lowest ids alone: .*Give startAt\.$/),
      );
    }),
  );

  it.concurrent.each([
    ['tell no dates', { folderDates: 'allNull' }],
    ['tell not all dates, and any might be the oldest', { folderDates: 'someNull' }],
    ['come again and again', { foldersIgnoreOffset: true }],
  ] as const)('is to be given where folders %s and leads are refused', (_name, switches) =>
    withService(switches, async (service) => {
      service.simulator.faults.inject(DENIED);
      const failure = await failureOf((await service.start()).result());
      expect(failure).toMatchObject({ type: 'MarketoRefused', message: expect.stringContaining('Give startAt') });
      expect(service.simulator.jobs.all).toEqual([]);
      await expectAll(service, await service.extract({ startAt: '2024-01-01' }));
    }),
  );
});

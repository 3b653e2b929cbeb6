import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../simulator/faults.js';
import type { Manifest } from '../../src/contract/result.js';
import { failureOf } from '../workflows/harness.js';
import { FAST_POLL, quiet, withService, type Service } from './harness.js';

beforeAll(quiet);

/** Creates of a run come after those of the field check, of which one is refused. */
const FIRST_WINDOW = 3;
const HALF_OF_JANUARY = '2024-01-16T12:00:00Z';

/** Marketo cannot make a file of more days than these. */
const tooLarge = (longerThanDays: number): Fault => ({
  endpoint: 'create',
  effect: { kind: 'jobFails', longerThanDays },
});

function rangesOf({ windows }: Manifest): string[] {
  return windows.map(({ startAt, endAt }) => `${startAt} ${endAt}`);
}

/** Ranges of the jobs that were made, that of the field check left out. */
function jobsOf({ simulator }: Service, from = 1): string[] {
  const iso = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('.000', '');
  return simulator.jobs.all.slice(from).map(({ selection: { startAt, endAt } }) => `${iso(startAt)} ${iso(endAt)}`);
}

const JANUARY = '2024-01-01T00:00:00Z 2024-01-31T23:59:59Z';
const HALVES = [`2024-01-01T00:00:00Z 2024-01-16T11:59:59Z`, `${HALF_OF_JANUARY} 2024-01-31T23:59:59Z`] as const;

describe('a window that Marketo cannot make', () => {
  it.concurrent('is exported in halves after its second job, each a window of its own', () =>
    withService({}, async (service) => {
      for (const nth of [FIRST_WINDOW, FIRST_WINDOW + 1]) {
        service.simulator.faults.inject({ endpoint: 'create', nth, effect: { kind: 'jobFails', message: 'Internal' } });
      }
      const result = await service.extract();
      await service.expectRightAndClean(result);
      expect(result.windows).toBe(4);
      expect(jobsOf(service).slice(0, 4)).toEqual([JANUARY, JANUARY, ...HALVES]);
      const manifest = await service.manifest();
      expect(rangesOf(manifest).slice(0, 2)).toEqual(HALVES);
      expect(manifest.warnings).toContainEqual(
        expect.stringMatching(/^The window 2024-01-01 → 2024-01-31 was exported in halves, .*Internal/),
      );
    }),
  );

  it.concurrent('is halved again and again, whatever it takes', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject(tooLarge(5));
      const result = await service.extract({ concurrency: 3 });
      await service.expectRightAndClean(result);
      // 31 days in 8, twice; 18 days in 4.
      expect(result.windows).toBe(20);
      const { windows } = await service.manifest();
      const days = windows.map(({ startAt, endAt }) => (Date.parse(endAt) - Date.parse(startAt)) / 86_400_000);
      expect(Math.max(...days)).toBeLessThan(5);
    }),
  );

  it.concurrent('is exported in halves that share as many seconds as windows do', () =>
    withService({ halfSeconds: true, filterIgnoresFractions: false }, async (service) => {
      service.simulator.faults.inject(tooLarge(20));
      const result = await service.extract({ windowOverlapSeconds: 1 });
      expect(result.leads).toBe(600);
      const [first, second] = (await service.manifest()).windows;
      expect(second?.startAt).toBe(first?.endAt);
    }),
  );

  it.concurrent('fails with its third job where it is too short to be halved', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject(tooLarge(0));
      const failure = await failureOf(
        (await service.start({ startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-01T01:59:00Z' })).result(),
      );
      expect(failure).toMatchObject({
        type: 'WindowsFailed',
        message: expect.stringContaining('3 jobs came to nothing'),
      });
      expect(service.simulator.jobs.all).toHaveLength(1 + 3);
    }),
  );
});

describe('what was verified of halves', () => {
  it.concurrent.each([
    ['the first half', [0]],
    ['the second half', [1]],
    ['both halves', [0, 1]],
  ] as const)('is taken over by the next start: %s', (_which, verified) =>
    withService({}, async (service) => {
      const workflowId = `halves-${service.bucket}`;
      const { faults } = service.simulator;
      faults.inject(tooLarge(20));
      // Two jobs of January come before those of its halves; a wrong count fails a window for good.
      for (const half of [0, 1].filter((index) => !verified.some((one) => one === index))) {
        faults.inject({
          endpoint: 'create',
          nth: FIRST_WINDOW + 2 + half,
          effect: { kind: 'wrongRecordCount', by: 1 },
        });
      }
      if (verified.length === 2) {
        faults.inject({ endpoint: 'create', nth: FIRST_WINDOW + 4, effect: { kind: 'error', code: '603' } });
      }
      await failureOf((await service.start({}, workflowId)).result());
      faults.clear();

      const before = service.simulator.jobs.all.length;
      const result = await (await service.start({}, workflowId)).result();
      await service.expectRightAndClean(result);
      const manifest = await service.manifest();
      expect(rangesOf(manifest).slice(0, 2)).toEqual(HALVES);
      expect(manifest.windows.slice(0, 2).map(({ takenOver }) => takenOver)).toEqual(
        [0, 1].map((half) => verified.some((one) => one === half)),
      );
      const again = jobsOf(service, before + 1);
      expect(again).toEqual(expect.not.arrayContaining(verified.map((half) => HALVES[half])));
      expect(again).not.toContain(JANUARY);
    }),
  );

  it.concurrent('is of no use to a run that asks for something else, and in nobody’s way', () =>
    withService({}, async (service) => {
      const workflowId = `halves-${service.bucket}`;
      const { faults } = service.simulator;
      faults.inject(tooLarge(20));
      faults.inject({ endpoint: 'create', nth: FIRST_WINDOW + 2, effect: { kind: 'wrongRecordCount', by: 1 } });
      await failureOf((await service.start({}, workflowId)).result());
      faults.clear();
      const result = await (await service.start({ fields: ['email'], poll: FAST_POLL }, workflowId)).result();
      const expected = await service.expected(result, { fields: 'email' });
      expect((await service.read('out/leads.csv')).equals(expected)).toBe(true);
      expect(result.windows).toBe(3);
      expect((await service.keys()).filter((key) => key.includes('/parts/'))).toEqual([]);
    }),
  );
});

import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExtractInput } from '../../src/contract/input.js';
import { failureOf } from '../workflows/harness.js';
import { quiet } from './harness.js';
import { Weeks } from './weeks.js';

beforeAll(quiet);

const FROM = Date.parse('2022-01-01T00:00:00Z');
const DAY = 86_400_000;

/** Every fifth window is empty and spends nothing: 30 have leads. */
const WINDOWS = 37;
const END_AT = new Date(FROM + WINDOWS * 31 * DAY - 1000).toISOString().replace('.000', '');
const INPUT: Partial<ExtractInput> = { poll: {}, endAt: END_AT };

/** A quota that the first file of a day uses up: a window with leads a day. */
const INSTANCE = {
  leads: 900,
  from: FROM,
  until: FROM + WINDOWS * 31 * DAY - 1000,
  dailyQuotaBytes: 1,
  speed: 1,
};

let weeks: Weeks;
beforeEach(async () => {
  weeks = await Weeks.start(INSTANCE);
});
afterEach(() => weeks.stop());

describe('a run of a month under a small quota, with the lifecycle rules at work each day', () => {
  it('completes, and no rule has met anything of it', async () => {
    const { service } = weeks;
    const result = await weeks.resultOf(service.start(INPUT));
    await service.expectRightAndClean(result);
    expect(result.windows).toBe(WINDOWS);
    expect(await weeks.days()).toBeGreaterThanOrEqual(29);
    expect(weeks.daysBegun).toBeGreaterThanOrEqual(29);
    expect(weeks.rules.deleted).toEqual([]);
    expect(weeks.filesOfDays().every(({ length }) => length === 1)).toBe(true);
  });

  it('that fails on its twentieth day is taken over whole by the next start', async () => {
    const { service } = weeks;
    const { faults, jobs } = service.simulator;
    const refusal = { kind: 'error', code: '603', message: 'Access denied' } as const;
    weeks.onDay = () => {
      if (weeks.daysBegun === 20) faults.inject({ endpoint: 'create', nth: 1, effect: refusal });
    };
    const workflowId = `weeks-${service.bucket}`;
    const failure = await failureOf(weeks.resultOf(service.start(INPUT, workflowId)));
    expect(failure.type).toBe('MarketoAccess');
    const notStarted = Number(/1 of 37 windows failed, (\d+) were not started/.exec(failure.message)?.[1]);
    const verified = WINDOWS - 1 - notStarted;
    expect(verified).toBeGreaterThanOrEqual(20);
    expect(await weeks.days()).toBeGreaterThan(19);

    const before = jobs.all.length;
    const result = await weeks.resultOf(service.start(INPUT, workflowId));
    await service.expectRightAndClean(result);
    // One for the fields, and one for each window that was missing.
    expect(jobs.all.length - before).toBe(1 + WINDOWS - verified);
    const { windows } = await service.manifest();
    expect(windows.filter(({ takenOver }) => takenOver)).toHaveLength(verified);
    expect(Date.parse(windows.at(-1)?.verifiedAt ?? '') - Date.parse(windows[0]?.verifiedAt ?? '')).toBeGreaterThan(
      28 * DAY,
    );
    expect(weeks.rules.deleted).toEqual([]);
  });
});

import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { centralDay } from '../../src/contract/central-day.js';
import { progressQuery } from '../../src/contract/messages.js';
import { eventually } from './eventually.js';
import { quiet, withService } from './harness.js';
import { Weeks } from './weeks.js';

beforeAll(quiet);

const FROM = Date.parse('2024-01-01T00:00:00Z');
const DAY = 86_400_000;
const MEGABYTE = 1_000_000;

/** Eight windows, two of them empty, the others of 0.2 to 0.5 MB each. */
const INSTANCE = { leads: 600, from: FROM, until: FROM + 8 * 31 * DAY - 1000, paddingBytes: 3000 };
const END_AT = '2024-09-04T23:59:59Z';

describe('a share of the export quota', () => {
  it('is told with the time that it ends, and taken back when the run is cancelled', () =>
    withService({ ...INSTANCE, paddingBytes: 9000 }, async (service) => {
      const handle = await service.start({ endAt: END_AT, megabytesPerDay: 1 });
      const wait = await eventually(async () => (await handle.query(progressQuery)).wait);
      const until = new Date(centralDay(Date.now()).end).toISOString();
      expect(wait).toMatchObject({ reason: 'quotaShare', until, message: expect.stringContaining('1 MB a day') });
      const { windows } = await handle.query(progressQuery);
      expect(windows.pending).toBeGreaterThan(0);
      expect(windows.exporting).toBe(0);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
      await service.expectNothingLeft();
    }));
});

describe('a run of several days with a share of the quota', () => {
  let weeks: Weeks;
  beforeEach(async () => {
    weeks = await Weeks.start({ ...INSTANCE, speed: 1 });
  });
  afterEach(() => weeks.stop());

  it.each([1, 3])(
    'exports no more a day than the share and a window that was misjudged: %i at once',
    async (concurrency) => {
      const { service } = weeks;
      const input = { poll: {}, endAt: END_AT, megabytesPerDay: 1, concurrency };
      const result = await weeks.resultOf(service.start(input));
      await service.expectRightAndClean(result);
      const days = weeks.filesOfDays();
      const largest = Math.max(...days.flat());
      const bytesOf = (files: readonly number[]): number => files.reduce((sum, bytes) => sum + bytes, 0);
      // What is under way before any size is known is not foreseen.
      const misjudged = concurrency * largest;
      expect(Math.max(...days.map(bytesOf))).toBeLessThanOrEqual(MEGABYTE + misjudged);
      expect(days.length).toBeGreaterThanOrEqual(Math.floor(bytesOf(days.flat()) / (MEGABYTE + misjudged)));
      expect(days.length).toBeGreaterThan(1);
      expect(days.slice(1).every((files) => bytesOf(files) <= MEGABYTE + largest)).toBe(true);
    },
  );
});

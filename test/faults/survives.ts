import { expect, it } from '@jest/globals';
import type { Fault, FaultEffect } from '../../simulator/faults.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import type { ExtractInput } from '../../src/contract/input.js';
import type { Manifest } from '../../src/contract/result.js';
import { withService, type Service } from '../end-to-end/harness.js';
import { accountOf, leadsUntil } from '../fixtures/storm/account.js';

/** The field check makes two creates, since a field of the instance is not exportable; those of the windows come after them. */
export const FIRST_WINDOW = 3;

/** Jobs of a run without faults: three windows and the field check. */
export const JOBS = 4;

/** A fault, or an oddity of the instance, that a run survives. */
export interface Case {
  readonly name: string;
  readonly options?: Partial<SimulatorOptions>;
  readonly faults?: readonly Fault[];
  readonly input?: Partial<ExtractInput>;
  /** Jobs beyond those of a run without faults: exactly as many as the fault needs. */
  readonly moreJobs?: number;
  /** How often faults must have struck for the case to say anything. @default as many as there are faults */
  readonly strikes?: number;
  /** What the manifest must warn of, besides the field that is not exportable. */
  readonly warns?: readonly RegExp[];
  /** Whatever else must be so. */
  readonly check?: (service: Service, manifest: Manifest) => void | Promise<void>;
}

/** Tests that runs deliver the right bytes in spite of what is on, with no job more than it needs, and leave nothing behind. */
export function survives(cases: readonly Case[]): void {
  it.concurrent.each(cases)('$name', ({ options = {}, faults = [], input = {}, moreJobs = 0, ...expected }) =>
    withService(options, async (service) => {
      for (const fault of faults) service.simulator.faults.inject(fault);
      await service.extract(input);
      const { strikes = faults.length, warns = [], check } = expected;
      expect(struck(service)).toBeGreaterThanOrEqual(strikes);
      const manifest = await service.manifest();
      expectAccount(service, await service.read('out/leads.csv'), manifest, input.quoting);
      await service.expectNothingLeft();
      expect((await service.keys()).filter((key) => key.includes('/parts/'))).toEqual([]);
      // The length alone: the jobs themselves would fill pages.
      expect(service.simulator.jobs.all.length).toBe(JOBS + moreJobs);
      expect(service.simulator.calls.violations).toEqual([]);
      const told = manifest.warnings.filter((warning) => !warning.startsWith('Left out, since'));
      for (const warning of warns) expect(told).toContainEqual(expect.stringMatching(warning));
      if (warns.length === 0) expect(told).toEqual([]);
      await check?.(service, manifest);
    }),
  );
}

/** The output is what the instance's own account of the files says, and has every lead that there is. */
function expectAccount(
  { simulator }: Service,
  output: Buffer,
  manifest: Manifest,
  quoting: ExtractInput['quoting'],
): void {
  const account = accountOf(
    simulator,
    manifest.windows.map(({ exportId }) => exportId),
    quoting,
  );
  // Not toEqual: a difference would print people's rows, thousands of them.
  expect(output.equals(account.bytes)).toBe(true);
  const { leads, duplicates, mended } = account;
  expect(manifest).toMatchObject({ leads, duplicates, mended, bytes: output.length });
  expect(manifest.leads).toBe(leadsUntil(simulator, Date.parse(manifest.endAt)));
}

/** How often faults have struck. */
function struck({ simulator }: Service): number {
  return Object.values(simulator.faults.struck).reduce((sum, count) => sum + count, 0);
}

/** An error in a 200. */
export function error(code: string, message: string): FaultEffect {
  return { kind: 'error', code, message };
}

/** A page of a gateway. */
export function http(status: number, headers: Record<string, string> = {}): FaultEffect {
  return { kind: 'http', status, body: '<html><body>Bad gateway</body></html>', headers };
}

/** An effect on a job of the windows, 0 for the first one: where none is lost, that of the window of this number. */
export function onJob(number: number, effect: FaultEffect): Fault {
  return { endpoint: 'create', nth: FIRST_WINDOW + number, effect };
}

/** An effect on every job. */
export function onAllJobs(effect: FaultEffect): Fault {
  return { endpoint: 'create', effect };
}

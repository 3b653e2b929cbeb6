import type { CatalogOptions } from './leads/catalog.js';
import { defaultSwitches, type Switches } from './switches.js';

/** What an instance is started with. The switches among it can be changed while it runs. */
export interface SimulatorOptions extends CatalogOptions, Switches {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Custom service of a second API user, who sees the workspace Europe only and none of the first one's jobs; none unless given. */
  readonly otherClientId?: string;
  readonly otherClientSecret?: string;
  /** Leads that are created, changed, deleted or merged in a day of simulated time, evenly; 0 for none. */
  readonly changesPerDay: number;
  /** Simulated seconds in a real one. */
  readonly speed: number;
  /** Simulated time at the start, milliseconds since 1970. */
  readonly now: number;
  /** Shortest and longest processing of a job in simulated seconds. */
  readonly processingSeconds: readonly [number, number];
  readonly dailyQuotaBytes: number;
  /** Life of an access token in real seconds. */
  readonly tokenLifeSeconds: number;
  /** Prints each call to standard error. */
  readonly log: boolean;
}

const DAY = 86_400_000;

/** The options with defaults: seven months of leads until an hour ago, and the limits that Adobe documents. */
export function readOptions(given: Partial<SimulatorOptions>): SimulatorOptions {
  const now = given.now ?? Date.now();
  const second = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;
  return {
    ...defaultSwitches(),
    host: '127.0.0.1',
    port: 0,
    clientId: 'simulator-client',
    clientSecret: 'simulator-secret',
    seed: 1,
    leads: 5000,
    idBase: 0,
    paddingBytes: 0,
    halfSeconds: false,
    filterIgnoresFractions: true,
    changesPerDay: 0,
    speed: 1,
    now,
    processingSeconds: [60, 300],
    dailyQuotaBytes: 500_000_000,
    tokenLifeSeconds: 3600,
    log: false,
    ...given,
    from: second(given.from ?? now - 213 * DAY),
    until: second(given.until ?? now - 3_600_000),
  };
}

import { hash } from './leads/hash.js';

export const ENDPOINTS = [
  'identity',
  'folders',
  'describe',
  'create',
  'enqueue',
  'status',
  'cancel',
  'list',
  'file',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** What goes wrong. Effects on jobs are put on at the matching create; all others happen to the matching call itself. */
export type FaultEffect =
  /** `success: false` with this error, in a 200. */
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly body?: string;
      readonly contentType?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is reset before anything is done, or after it was done. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'resetAfter' }
  /** No answer for so many seconds, then a reset. */
  | { readonly kind: 'hang'; readonly seconds: number }
  /** The call is done and its answer cut in the middle. */
  | { readonly kind: 'truncateBody' }
  /** `success: true` without `result`. */
  | { readonly kind: 'noResult' }
  /** All tokens that were handed out are refused from now on; `sameToken`: identity hands the same one out again, with this little life. */
  | { readonly kind: 'expireToken' }
  | { readonly kind: 'dyingToken'; readonly secondsLeft: number }
  /** The export quota is used up until the next midnight Central. */
  | { readonly kind: 'quotaExceeded' }
  | { readonly kind: 'jobFails'; readonly message?: string }
  | { readonly kind: 'jobCancelled'; readonly spelling: 'Cancelled' | 'Canceled' }
  | { readonly kind: 'jobVanishes' }
  | { readonly kind: 'jobStuck'; readonly status: 'Created' | 'Queued' | 'Processing' }
  | { readonly kind: 'unknownStatus'; readonly status: string }
  | { readonly kind: 'wrongRecordCount'; readonly by: number }
  | { readonly kind: 'noRecordCount' }
  | { readonly kind: 'wrongChecksum' }
  /** The file of the job is gone although it is completed. */
  | { readonly kind: 'fileExpired' }
  /** This download answers 404. */
  | { readonly kind: 'file404' }
  /** The connection breaks, stalls or ends cleanly after so many bytes of this download. */
  | { readonly kind: 'cutAfterBytes'; readonly bytes: number }
  | { readonly kind: 'stallAfterBytes'; readonly bytes: number }
  | { readonly kind: 'shortCleanEnd'; readonly bytes: number }
  | { readonly kind: 'ignoreRange' }
  | { readonly kind: 'wrongContentRange' }
  /** The lowest bit of this byte of the file is turned in this download. */
  | { readonly kind: 'flipBit'; readonly atByte: number }
  | { readonly kind: 'jsonInsteadOfFile'; readonly code: string; readonly message: string }
  | { readonly kind: 'htmlInsteadOfFile' };

/** Which calls a fault meets: the nth, every nth, or each with a probability; at most `times`. */
export interface Fault {
  readonly endpoint: Endpoint | 'any';
  readonly nth?: number;
  readonly every?: number;
  readonly probability?: number;
  /** @default 1 with `nth`, else without limit */
  readonly times?: number;
  readonly effect: FaultEffect;
}

interface ArmedFault {
  readonly fault: Fault;
  /** Place in the order of injection: faults of a certain probability strike independently of each other. */
  readonly order: number;
  seen: number;
  done: number;
}

/** The faults that are in force. */
export class Faults {
  private armed: ArmedFault[] = [];
  /** How often faults have struck since the start, by kind. */
  readonly struck: Record<string, number> = {};

  constructor(private readonly seed: number) {}

  inject(fault: Fault): void {
    this.armed.push({ fault, order: this.armed.length, seen: 0, done: 0 });
  }

  clear(): void {
    this.armed = [];
  }

  /** The effects that meet this call, of these kinds. */
  strike(endpoint: Endpoint): FaultEffect[] {
    const effects: FaultEffect[] = [];
    for (const armed of this.armed) {
      const { fault } = armed;
      if (fault.endpoint !== endpoint && fault.endpoint !== 'any') continue;
      armed.seen++;
      if (armed.done >= (fault.times ?? (fault.nth === undefined ? Infinity : 1)) || !this.meets(armed)) continue;
      armed.done++;
      this.struck[fault.effect.kind] = (this.struck[fault.effect.kind] ?? 0) + 1;
      effects.push(fault.effect);
    }
    return effects;
  }

  private meets({ fault, order, seen }: ArmedFault): boolean {
    if (fault.nth !== undefined) return seen === fault.nth;
    if (fault.every !== undefined) return seen % fault.every === 0;
    if (fault.probability !== undefined) return hash(this.seed, seen, 17 + order) / 2 ** 32 < fault.probability;
    return true;
  }
}

/** Every kind there is, for what comes from outside. */
const KINDS: Readonly<Record<FaultEffect['kind'], true>> = {
  error: true,
  http: true,
  reset: true,
  resetAfter: true,
  hang: true,
  truncateBody: true,
  noResult: true,
  expireToken: true,
  dyingToken: true,
  quotaExceeded: true,
  jobFails: true,
  jobCancelled: true,
  jobVanishes: true,
  jobStuck: true,
  unknownStatus: true,
  wrongRecordCount: true,
  noRecordCount: true,
  wrongChecksum: true,
  fileExpired: true,
  file404: true,
  cutAfterBytes: true,
  stallAfterBytes: true,
  shortCleanEnd: true,
  ignoreRange: true,
  wrongContentRange: true,
  flipBit: true,
  jsonInsteadOfFile: true,
  htmlInsteadOfFile: true,
};

/** Checks a fault that came from outside. @throws TypeError saying what is wrong */
export function readFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null) throw new TypeError('A fault is an object');
  const { endpoint, effect } = value as Partial<Fault>;
  if (endpoint !== 'any' && !ENDPOINTS.includes(endpoint as Endpoint)) {
    throw new TypeError(`endpoint must be any or one of ${ENDPOINTS.join(', ')}`);
  }
  if (typeof effect?.kind !== 'string') throw new TypeError('effect must be an object with a kind');
  if (!Object.hasOwn(KINDS, effect.kind)) throw new TypeError(`kind must be one of ${Object.keys(KINDS).join(', ')}`);
  return value as Fault;
}

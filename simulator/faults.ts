import type { FaultEffect } from './effects.js';
import { FAULT_KINDS } from './fault-kinds.js';
import { hash } from './leads/hash.js';

export type { FaultEffect } from './effects.js';

/** Calls that faults meet: `describe` is Describe Lead 2, `describeJson` Describe Lead (describe.json). */
export const ENDPOINTS = [
  'identity',
  'folders',
  'leads',
  'describe',
  'describeJson',
  'create',
  'enqueue',
  'status',
  'cancel',
  'list',
  'file',
  'activityTypes',
  'pagingToken',
  'deletedLeads',
  'activities',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

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

  /** The effects that meet each and every call of an endpoint. */
  standing(endpoint: Endpoint): FaultEffect[] {
    return this.armed.flatMap(({ fault }) =>
      fault.endpoint === endpoint &&
      [fault.nth, fault.every, fault.probability, fault.times].every((limit) => limit === undefined)
        ? fault.effect
        : [],
    );
  }

  private meets({ fault, order, seen }: ArmedFault): boolean {
    if (fault.nth !== undefined) return seen === fault.nth;
    if (fault.every !== undefined) return seen % fault.every === 0;
    if (fault.probability !== undefined) return hash(this.seed, seen, 17 + order) / 2 ** 32 < fault.probability;
    return true;
  }
}

/** Checks a fault that came from outside. @throws TypeError saying what is wrong */
export function readFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null) throw new TypeError('A fault is an object');
  const { endpoint, effect } = value as Partial<Fault>;
  if (endpoint !== 'any' && !ENDPOINTS.includes(endpoint as Endpoint)) {
    throw new TypeError(`endpoint must be any or one of ${ENDPOINTS.join(', ')}`);
  }
  if (typeof effect?.kind !== 'string') throw new TypeError('effect must be an object with a kind');
  if (!Object.hasOwn(FAULT_KINDS, effect.kind))
    throw new TypeError(`kind must be one of ${Object.keys(FAULT_KINDS).join(', ')}`);
  return value as Fault;
}

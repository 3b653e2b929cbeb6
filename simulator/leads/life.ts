import { hash } from './hash.js';

const DAY = 86_400_000;

/** Fewer leads than this are added to, never taken from. */
const FEWEST = 10;

/** Most losers of a merge here; Marketo takes up to 25 (Adobe: Leads, Merge). */
const MOST_LOSERS = 3;

export type LifeEventKind = 'created' | 'changed' | 'customChanged' | 'deleted' | 'merged';

/** What happens to a lead; `customChanged` leaves the visible `updatedAt` where it is. */
export interface LifeEvent {
  /** From 1, in order of time. */
  readonly number: number;
  /** Milliseconds since 1970, whole seconds. */
  readonly at: number;
  readonly kind: LifeEventKind;
  /** The lead; of a merge the winner, which keeps its id and changes. */
  readonly index: number;
  /** Leads that are gone by a merge. */
  readonly losers: readonly number[];
}

export interface LifeOptions {
  readonly seed: number;
  /** Events in a day; 0 for leads that stay as they are. */
  readonly changesPerDay: number;
  /** Leads at first. */
  readonly leads: number;
  /** When life begins, milliseconds since 1970. */
  readonly since: number;
  /** Creation of one of the first leads: nothing happens to it before. */
  readonly createdAt: (index: number) => number;
}

/** Of twenty events so many are of a kind. */
const SHARES: readonly (readonly [LifeEventKind, number])[] = [
  ['created', 5],
  ['changed', 5],
  ['customChanged', 4],
  ['deleted', 3],
  ['merged', 3],
];

/** The life of an instance as a pure function of a seed: events at even distances of time, whoever asks when. */
export class Life {
  private readonly events: LifeEvent[] = [];
  private readonly byLead = new Map<number, LifeEvent[]>();
  private readonly living: number[];
  private next: number;

  constructor(private readonly options: LifeOptions) {
    this.next = options.leads;
    this.living = options.changesPerDay > 0 ? Array.from({ length: options.leads }, (_, index) => index) : [];
  }

  /** All events up to a moment, in order. */
  until(at: number): readonly LifeEvent[] {
    this.advance(at);
    return this.events.slice(0, this.countUntil(at));
  }

  /** The events of one lead up to a moment, also as the loser of a merge. */
  of(index: number, at: number): readonly LifeEvent[] {
    this.advance(at);
    return (this.byLead.get(index) ?? []).filter((event) => event.at <= at);
  }

  private advance(at: number): void {
    const { changesPerDay, since } = this.options;
    if (changesPerDay === 0) return;
    for (;;) {
      const number = this.events.length + 1;
      const time = since + Math.floor((number * DAY) / changesPerDay / 1000) * 1000;
      if (time > at) return;
      this.happen(number, time);
    }
  }

  private happen(number: number, at: number): void {
    const event = this.make(number, at);
    this.events.push(event);
    for (const index of [event.index, ...event.losers]) {
      const earlier = this.byLead.get(index);
      if (earlier) earlier.push(event);
      else this.byLead.set(index, [event]);
    }
  }

  private make(number: number, at: number): LifeEvent {
    const { seed } = this.options;
    const kind = this.living.length < FEWEST ? 'created' : kindOf(hash(seed, number, 61) % 20);
    const place = hash(seed, number, 62) % Math.max(1, this.living.length);
    const index = this.living[place];
    if (kind === 'created' || index === undefined || this.isYetToCome(index, at)) {
      this.living.push(this.next);
      return { number, at, kind: 'created', index: this.next++, losers: [] };
    }
    if (kind === 'deleted') this.take(place);
    const losers = kind === 'merged' ? this.takeLosers(number, at, index) : [];
    return { number, at, kind: kind === 'merged' && losers.length === 0 ? 'changed' : kind, index, losers };
  }

  private takeLosers(number: number, at: number, winner: number): number[] {
    const { seed } = this.options;
    const losers: number[] = [];
    for (let wanted = 1 + (hash(seed, number, 63) % MOST_LOSERS); wanted > 0; wanted--) {
      const place = hash(seed, number, 64, wanted) % this.living.length;
      const loser = this.living[place];
      if (loser === undefined || loser === winner || this.isYetToCome(loser, at)) continue;
      this.take(place);
      losers.push(loser);
    }
    return losers;
  }

  private take(place: number): void {
    const last = this.living.pop();
    if (last !== undefined && place < this.living.length) this.living[place] = last;
  }

  private isYetToCome(index: number, at: number): boolean {
    return index < this.options.leads && this.options.createdAt(index) > at;
  }

  private countUntil(at: number): number {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.events[middle]?.at ?? Infinity) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function kindOf(by: number): LifeEventKind {
  let left = by;
  for (const [kind, share] of SHARES) {
    if (left < share) return kind;
    left -= share;
  }
  return 'changed';
}

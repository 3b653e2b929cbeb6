import type { LeadCatalog } from './catalog.js';
import { isCustom, updatedAtOf, type FieldDefinition, type LeadFacts } from './fields.js';
import { hash } from './hash.js';
import { Life, type LifeEvent } from './life.js';
import { rowOf, type Quoting } from './row.js';

/** The filters of an export that the simulator knows; `updatedAt` is the last change of any field, not the visible column (Adobe: Bulk Lead Extract). */
export type RangeFilter = 'createdAt' | 'updatedAt';

/** A closed range of times, milliseconds since 1970. */
export interface LeadRange {
  readonly filter: RangeFilter;
  readonly startAt: number;
  readonly endAt: number;
}

/** A lead at a moment. */
interface LeadState {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Last change of any field. */
  readonly changedAt: number;
  /** Last change of a standard field; absent if there was none since the creation. */
  readonly updatedAt: number | undefined;
  /** Changes of standard and of custom fields. */
  readonly standard: number;
  readonly custom: number;
}

/**
 * The leads of an instance at any moment: those of the catalog, and what life made of them since the instance was started. Without
 * life they are the catalog's at all times.
 */
export class LivingLeads {
  private readonly life: Life;

  /** @param since when life begins: the simulated time at the start, milliseconds since 1970 */
  constructor(
    readonly catalog: LeadCatalog,
    private readonly changesPerDay: number,
    private readonly since: number,
  ) {
    const { leads } = catalog;
    const createdAt = (index: number): number => catalog.createdAt(index);
    this.life = new Life({ seed: catalog.options.seed, changesPerDay, leads, since, createdAt });
  }

  /** What happened up to a moment, in order. */
  events(at: number): readonly LifeEvent[] {
    return this.life.until(at);
  }

  /** The leads that there are at a moment. */
  *all(at: number): Generator<number> {
    for (let index = 0; index < this.catalog.leads; index++) if (this.exists(index, at)) yield index;
    for (const index of this.born(at)) if (this.exists(index, at)) yield index;
  }

  /** The leads that a range takes in at a moment. */
  *inRange({ filter, startAt, endAt }: LeadRange, at: number): Generator<number> {
    const end = endAt + (this.catalog.options.filterIgnoresFractions ? 999 : 0);
    const isIn = (time: number | undefined): boolean => time !== undefined && time >= startAt && time <= end;
    if (filter === 'updatedAt') {
      for (const index of this.all(at)) if (isIn(this.state(index, at)?.changedAt)) yield index;
      return;
    }
    for (const index of this.catalog.inRange(startAt, endAt)) if (this.exists(index, at)) yield index;
    for (const index of this.born(at)) if (isIn(this.state(index, at)?.createdAt)) yield index;
  }

  exists(index: number, at: number): boolean {
    if (this.changesPerDay === 0) return index < this.catalog.leads;
    return this.state(index, at) !== undefined;
  }

  /** The lead of an id, if there is one at a moment. */
  indexOf(id: number, at: number): number | undefined {
    const index = this.catalog.indexOf(id, this.catalog.leads + this.born(at).length);
    return index !== undefined && this.exists(index, at) ? index : undefined;
  }

  /** A lead's row for these fields as it is at a moment, without a line end. */
  row(index: number, fields: readonly FieldDefinition[], at: number, quoting: Quoting = 'asIs'): string {
    return rowOf(fields, this.values(index, at), quoting);
  }

  /** Tells the value of any field of a lead as it is at a moment. @throws RangeError if it is not there */
  values(index: number, at: number): (field: FieldDefinition) => ReturnType<FieldDefinition['value']> {
    const state = this.state(index, at);
    if (!state) throw new RangeError(`There is no lead ${index} at that time`);
    const facts = this.catalog.facts(index, state.createdAt);
    const standard = changed(facts, state.standard, state.updatedAt);
    const custom = changed(facts, state.custom, undefined);
    return (field) => field.value(isCustom(field) ? custom : standard);
  }

  /** The lead that an activity of a lead is told of: once that is merged away, its winner takes over its activities (Adobe: Leads, Merge). */
  holder(index: number, at: number): number {
    const merge = this.life.of(index, at).find(({ losers }) => losers.includes(index));
    return merge ? this.holder(merge.index, at) : index;
  }

  private state(index: number, at: number): LeadState | undefined {
    const events = this.life.of(index, at);
    const [first] = events;
    const isBorn = index >= this.catalog.leads;
    if (isBorn && !first) return undefined;
    const createdAt = isBorn ? (first?.at ?? 0) : this.catalog.createdAt(index);
    if (this.changesPerDay > 0 && createdAt > at) return undefined;
    if (events.some(({ kind, losers }) => kind === 'deleted' || losers.includes(index))) return undefined;
    const standard = events.filter(({ kind }) => kind === 'changed' || kind === 'merged');
    const custom = events.filter(({ kind }) => kind === 'customChanged' || kind === 'merged');
    const updatedAt = standard.at(-1)?.at;
    const changedAt = events.at(-1)?.at ?? this.changedAtFirst(index, createdAt);
    return { createdAt, changedAt, updatedAt, standard: standard.length, custom: custom.length };
  }

  /** Last change of a lead of the catalog before life began. */
  private changedAtFirst(index: number, createdAt: number): number {
    const updatedAt = updatedAtOf(this.catalog.facts(index, createdAt));
    return Math.max(createdAt, Math.min(updatedAt, this.since));
  }

  private born(at: number): readonly number[] {
    return this.events(at).flatMap(({ kind, index }) => (kind === 'created' ? index : []));
  }
}

/** Other values after each change, which a text of its own tells. */
function changed(facts: LeadFacts, changes: number, updatedAt: number | undefined): LeadFacts {
  if (changes === 0) return facts;
  return {
    ...facts,
    seed: hash(facts.seed, changes, 65),
    padding: `${facts.padding} change ${changes}`,
    ...(updatedAt !== undefined && { updatedAt }),
  };
}

import { FIELDS, type FieldDefinition, type LeadFacts } from './fields.js';
import { hash } from './hash.js';
import { extraFields } from './more-fields.js';
import { rowOf, type Quoting } from './row.js';
import { STRAY, type StrayQuotes } from './values.js';

const DAY = 86_400_000;
const BLOCK = 31 * DAY;
const HOUR = 3_600_000;
/** What the older leads lie before the instance, the latest of them a day. */
const OLDER = 500 * DAY;

export interface CatalogOptions {
  readonly seed: number;
  /** Leads in all. */
  readonly leads: number;
  /** Creation of the instance and its first lead, and the latest creation: milliseconds since 1970, whole seconds. */
  readonly from: number;
  readonly until: number;
  /** Added to every id: 2³² and more push ids beyond 32 bits. */
  readonly idBase: number;
  /** Bytes that each row carries in addition. */
  readonly paddingBytes: number;
  /** Whether some leads are created at half seconds. */
  readonly halfSeconds: boolean;
  /** Whether a range ending at :59 takes in what was created half a second later; not documented, so both can be had. */
  readonly filterIgnoresFractions: boolean;
  /** So many of the leads are older than the instance, hence than all folders: of the 500 days before, ids low. @default 0 */
  readonly olderLeads?: number;
  /** Custom fields more than the usual ones. @default 0 */
  readonly extraFields?: number;
  /** Values with quotes that are not doubled. @default those that were seen, in one lead of 97 */
  readonly stray?: StrayQuotes;
}

/** A stretch of 31 days from the instance's creation on, with its share of the leads. */
interface Block {
  readonly start: number;
  readonly end: number;
  /** Index of its first lead, and the one after its last. */
  readonly first: number;
  readonly next: number;
}

/**
 * The leads of an instance as a pure function of a seed: nothing is stored. In each block of 31 days the first and the last
 * second have a lead, some blocks are empty, and the leads of a block's first hour come back in a range that ends just before
 * it, as daylight saving time makes them.
 */
export class LeadCatalog {
  readonly fields: readonly FieldDefinition[];
  private readonly blocks: readonly Block[];
  private readonly padding: string;

  constructor(readonly options: CatalogOptions) {
    this.fields = [...FIELDS, ...extraFields(options.extraFields ?? 0)];
    this.blocks = layOut(options);
    this.padding = 'lorem ipsum dolor sit amet '
      .repeat(Math.ceil(options.paddingBytes / 27))
      .slice(0, options.paddingBytes);
  }

  get leads(): number {
    return this.blocks.at(-1)?.next ?? 0;
  }

  /** Unique; mostly ascending, as neighbours come in swapped pairs. */
  id(index: number): number {
    return this.options.idBase + 1 + (index ^ 1) * 3 + (hash(this.options.seed, index, 99) % 3);
  }

  /** The lead of an id, if there is one. @param leads how many there are */
  indexOf(id: number, leads = this.leads): number | undefined {
    const index = Math.floor((id - this.options.idBase - 1) / 3) ^ 1;
    return index >= 0 && index < leads && this.id(index) === id ? index : undefined;
  }

  /** Milliseconds since 1970; never falls as the index grows. */
  createdAt(index: number): number {
    const block = this.blocks[this.blockOf(index)];
    if (!block) throw new RangeError(`There is no lead ${index}`);
    const place = index - block.first;
    const count = block.next - block.first;
    if (place === 0) return block.start;
    if (place === count - 1) return block.end + (this.options.halfSeconds ? 500 : 0);
    if (place === count - 2) return block.end;
    if (place === 1) return Math.min(block.start + 10 * 60_000, block.end);
    return block.start + Math.floor(((block.end - block.start) * place) / count / 1000) * 1000;
  }

  /** Indices of the leads that a closed range of creation times takes in, in order, each followed at the end by those that come back early. */
  *inRange(startAt: number, endAt: number): Generator<number> {
    const endOfRange = endAt + (this.options.filterIgnoresFractions ? 999 : 0);
    const first = this.firstFrom(startAt);
    const next = this.firstFrom(endOfRange + 1);
    for (let index = first; index < next; index++) yield index;
    for (let index = next; index < this.leads && this.createdAt(index) <= endAt + HOUR; index++) {
      if (this.comesBack(index)) yield index;
    }
  }

  /** Whether a lead is also found an hour earlier than it was created: the ambiguous hour of a time change. */
  comesBack(index: number): boolean {
    const block = this.blocks[this.blockOf(index)];
    return block !== undefined && index - block.first < 2 && index > 0;
  }

  /**
   * A lead's row for these fields, without a line end: as export writes it, or as every reader of RFC 4180 reads it, where each
   * value that is not written by the rules is quoted by them.
   */
  row(index: number, fields: readonly FieldDefinition[], quoting: Quoting = 'asIs'): string {
    const facts = this.facts(index);
    return rowOf(fields, ({ value }) => value(facts), quoting);
  }

  /** What a lead's values are made of. @param createdAt of a lead that is none of these */
  facts(index: number, createdAt = this.createdAt(index)): LeadFacts {
    const { seed, stray = STRAY } = this.options;
    return { seed, index, id: this.id(index), createdAt, padding: this.padding, stray };
  }

  private blockOf(index: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.blocks[middle]?.next ?? 0) > index) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Index of the first lead created at or after a time. */
  private firstFrom(time: number): number {
    let low = 0;
    let high = this.leads;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.createdAt(middle) >= time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function layOut({ seed, leads, from, until, olderLeads = 0 }: CatalogOptions): Block[] {
  const older = Math.min(olderLeads, leads);
  const blocks: Block[] = older > 0 ? [{ start: from - OLDER, end: from - DAY, first: 0, next: older }] : [];
  const starts: number[] = [];
  for (let start = from; start <= until; start += BLOCK) starts.push(start);
  // Every fifth block is empty, but never the first.
  const weights = starts.map((_, block) => (block % 5 === 3 ? 0 : 1 + (hash(seed, block, 7) % 100) / 100));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let passed = 0;
  let first = older;
  for (const [block, start] of starts.entries()) {
    passed += weights[block] ?? 0;
    const next = older + Math.round(((leads - older) * passed) / total);
    blocks.push({ start, end: Math.min(start + BLOCK - 1000, until), first, next });
    first = next;
  }
  return blocks;
}

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { shapeOf } from '../../simulator/file-shape.js';
import { ExportFiles } from '../../simulator/files.js';
import { LeadCatalog } from '../../simulator/leads/catalog.js';
import { LivingLeads, type LeadRange } from '../../simulator/leads/living-leads.js';
import { readOptions } from '../../simulator/options.js';
import type { CommitRecord } from '../../src/parts/commit-record.js';
import { updatedUntil } from '../../src/plan/updated-until.js';
import { MemoryS3 } from '../helpers/memory-s3.js';
import { Outputs } from './outputs-in-memory.js';

const NIGHTS = 30;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2024-10-27T00:00:00Z');

function catalogOf(seed: number): LeadCatalog {
  return new LeadCatalog(readOptions({ seed, leads: 150, now: START, from: START - 300 * DAY, until: START - DAY }));
}

let LEADS = catalogOf(3);
const FIELDS = ['id', 'createdAt', 'updatedAt', 'lastName', 'email', 'utm_campaign', 'Notes__c'].flatMap(
  (name) => LEADS.fields.find((field) => field.name === name) ?? [],
);
const HEADER = `${FIELDS.map(({ name }) => name).join(',')}\n`;

let s3: MemoryS3;
let living: LivingLeads;
let outputs: Outputs;

/** Leads of another life. */
function seed(number: number): void {
  LEADS = catalogOf(number);
  living = new LivingLeads(LEADS, 40, START);
}

beforeEach(async () => {
  s3 = await MemoryS3.start();
  seed(3);
  outputs = new Outputs(s3, HEADER);
});

afterEach(async () => {
  await s3.stop();
});

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('.000Z', 'Z');

/** The file of a job that reads the leads at a moment. */
function exported(range: LeadRange, at: number): Buffer {
  return Buffer.concat([...new ExportFiles(living).chunks({ ...range, fields: FIELDS, shape: shapeOf([]) }, at)]);
}

function job(range: LeadRange, at: number): CommitRecord {
  return outputs.commit(iso(range.startAt), exported(range, at), iso(at));
}

function idsAt(at: number): number[] {
  return [...living.all(at)].map((index) => LEADS.id(index));
}

/** Every row that a lead had between two moments. */
function rowsOf(index: number, from: number, until: number): string[] {
  const changes = living.events(until).filter(({ at }) => at > from);
  const moments = [from, ...changes.map(({ at }) => at)].filter((at) => living.exists(index, at));
  return moments.map((at) => {
    const [row]: string[][] = parse(living.row(index, FIELDS, at));
    return row?.join(',') ?? '';
  });
}

/** Ids of what went until a moment, as activities tell of it. */
function goneIds(since: number, until: number): number[] {
  return living
    .events(until)
    .filter(({ at }) => at >= since)
    .flatMap(({ kind, index, losers }) => (kind === 'deleted' ? [index] : losers))
    .map((index) => LEADS.id(index));
}

/** What the output of a night may not be: missing, gone and stale leads, and those that came after its end. */
interface Account {
  readonly missing: number[];
  readonly gone: number[];
  /** Leads whose row is older than the end of the night's range. */
  readonly stale: number[];
  readonly younger: number[];
}

function accountOf(rows: ReadonlyMap<number, string>, endAt: number, mergedAt: number): Account {
  const [then, now] = [new Set(idsAt(endAt)), new Set(idsAt(mergedAt))];
  const found = [...rows.keys()];
  return {
    missing: [...then].filter((id) => now.has(id) && !rows.has(id)),
    gone: found.filter((id) => !now.has(id)),
    stale: found.filter((id) => {
      const index = living.indexOf(id, mergedAt);
      return index !== undefined && !rowsOf(index, endAt, mergedAt).includes(rows.get(id) ?? '');
    }),
    younger: found.filter((id) => !then.has(id)),
  };
}

/** When a run comes, and how long its jobs wait. */
interface Rhythm {
  readonly nights: number;
  readonly daysBetween: number;
  /** From the run's start to the job that reads the changes. */
  readonly wait: number;
}

const NIGHTLY: Rhythm = { nights: NIGHTS, daysBetween: 1, wait: 2 * HOUR };

/** A run, and updates: of each, jobs are made an hour after it began and once it has waited, and merged an hour later. */
async function nights(
  untilOf: (range: { readonly startAt: string; readonly endAt: string }) => string,
  judge: (account: Account, endAt: number, readAt: number) => void,
  { nights: count, daysBetween, wait }: Rhythm = NIGHTLY,
): Promise<{ created: number; updated: number; gone: number }> {
  let [since, goneSince] = [START - MINUTE, START];
  await outputs.begin(exported({ filter: 'createdAt', startAt: 0, endAt: since }, START + HOUR));
  const total = { created: 0, updated: 0, gone: 0 };
  for (let night = 1; night <= count; night++) {
    const start = START + night * daysBetween * DAY;
    const [endAt, readAt, mergedAt] = [start - MINUTE, start + wait, start + wait + HOUR];
    const until = Date.parse(untilOf({ startAt: iso(since), endAt: iso(endAt) }));
    const created = job({ filter: 'createdAt', startAt: since, endAt }, start + HOUR);
    const updated = job({ filter: 'updatedAt', startAt: since, endAt: until }, readAt);
    const { changes } = await outputs.update([created, updated], goneIds(goneSince, mergedAt));
    for (const key of ['created', 'updated', 'gone'] as const) total[key] += changes[key];
    judge(accountOf(outputs.rows(), endAt, mergedAt), endAt, readAt);
    [since, goneSince] = [endAt, mergedAt];
  }
  return total;
}

/** As a plan has it. */
const asPlanned = (range: { readonly startAt: string; readonly endAt: string }): string =>
  updatedUntil({ ...range, windowDays: 31, windowOverlapSeconds: 0 });

describe('thirty nights', () => {
  it.each([3, 17, 29, 2024])(
    'leave every lead in the output once, none that is gone, as it was at the end of the range or later (seed %d)',
    async (number) => {
      seed(number);
      const total = await nights(asPlanned, ({ missing, gone, stale }) => {
        expect({ missing, gone, stale }).toEqual({ missing: [], gone: [], stale: [] });
      });
      expect(Math.min(total.created, total.updated, total.gone)).toBeGreaterThan(NIGHTS);
    },
  );

  it('do so too where jobs wait for days of quota', async () => {
    const rhythm = { nights: 6, daysBetween: 5, wait: 3 * DAY };
    await nights(
      asPlanned,
      ({ missing, gone, stale }) => {
        expect({ missing, gone, stale }).toEqual({ missing: [], gone: [], stale: [] });
      },
      rhythm,
    );
  });

  it('whose ranges of changes end with the run leave a lead a night behind that changes again before its job', async () => {
    const late: number[] = [];
    await nights(
      ({ endAt }) => endAt,
      ({ missing, gone, stale, younger }, endAt, readAt) => {
        expect({ missing, gone, younger }).toEqual({ missing: [], gone: [], younger: [] });
        const again = living
          .events(readAt)
          .filter(({ at }) => at > endAt)
          .map(({ index }) => LEADS.id(index));
        expect(again).toEqual(expect.arrayContaining(stale));
        late.push(...stale);
      },
    );
    expect(late.length).toBeGreaterThan(0);
  });
});

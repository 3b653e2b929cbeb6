import { gunzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { formatSeconds } from '../../src/contract/dates.js';
import type { ExtractInput } from '../../src/contract/input.js';
import type { ExtractResult, Manifest } from '../../src/contract/result.js';
import { readParquet } from '../helpers/parquet.js';
import { quiet, Service } from './harness.js';

beforeAll(quiet);

const DAY = 86_400_000;
/** Between two changes: two minutes of this machine's time, in which a run is long over. */
const TWO_HOURS = 7_200_000;
const NOW = Date.now() - 5 * DAY;

/** Leads of three weeks, of which one is created, changed, deleted or merged every two hours: each run falls between two of these. */
const LIVING = {
  leads: 300,
  now: NOW,
  from: NOW - 21 * DAY,
  until: NOW - DAY,
  changesPerDay: 12,
  speed: 60,
  processingSeconds: [1, 2] as const,
};

type Rows = ReadonlyMap<string, string>;

function rowsOf(csv: string): Rows {
  const records: string[][] = parse(csv);
  const rows = new Map(records.map((record) => [record[0] ?? '', JSON.stringify(record)] as const));
  expect(rows.size).toBe(records.length);
  return rows;
}

/** Every lead as the simulated instance has it now. */
async function truth({ simulator }: Service): Promise<Rows> {
  const at = new Date(simulator.clock.now()).toISOString();
  const answer = await fetch(`${simulator.url}/simulator/leads?at=${at}`);
  expect(answer.status).toBe(200);
  return rowsOf(await answer.text());
}

/** A service over living leads, whose output has a format. */
class Nights {
  private constructor(
    readonly service: Service,
    readonly name: string,
  ) {}

  static async start(name: string): Promise<Nights> {
    return new Nights(await Service.start(LIVING), name);
  }

  get destination(): string {
    return `s3://${this.service.bucket}/out/${this.name}`;
  }

  beside(file: string): Promise<Buffer> {
    return this.service.read(`out/_${this.name}/${file}`);
  }

  async manifest(): Promise<Manifest> {
    return JSON.parse((await this.beside('manifest.json')).toString()) as Manifest;
  }

  /** The rows of the output; of Parquet those of the CSV beside it, whose ids are those of the output. */
  async rows(): Promise<Rows> {
    const object = await this.service.read(`out/${this.name}`);
    if (this.name.endsWith('.csv')) return rowsOf(object.toString());
    const base = await this.beside('base.csv');
    const rows = rowsOf(base.toString());
    if (this.name.endsWith('.gz')) expect(gunzipSync(object).equals(base)).toBe(true);
    else expect((await idsOfParquet(object)).sort()).toEqual([...rows.keys()].filter((id) => id !== 'id').sort());
    return rows;
  }

  /** A run up to a minute ago by the clock of the simulated instance. The worker's own is days ahead: what it tells of gone leads is put right. */
  async run(input: Partial<ExtractInput> = {}): Promise<ExtractResult> {
    const now = this.service.simulator.clock.now();
    const endAt = new Date(now - 60_000).toISOString();
    const poll = { initialInterval: 1100, maximumInterval: 1200 };
    const { destination } = this;
    const wish = { mode: 'update', endAt, concurrency: 2, poll, destination, keepChanges: true } as const;
    const result = await this.service.extract({ ...wish, ...input });
    const manifest = await this.manifest();
    expect(manifest.goneUntil).toBeDefined();
    const Body = JSON.stringify({ ...manifest, goneUntil: formatSeconds(Math.floor(now / 1000)) });
    const Key = `out/_${this.name}/manifest.json`;
    await this.service.s3.send(new PutObjectCommand({ Bucket: this.service.bucket, Key, Body }));
    return result;
  }
}

async function idsOfParquet(object: Buffer): Promise<string[]> {
  return (await readParquet(object)).rows.map(({ id }) => String(id));
}

function ids(rows: Rows, without: Rows): string[] {
  return [...rows.keys()].filter((id) => !without.has(id));
}

/** What a table that follows the output does with the changes of a night. */
async function follow(nights: Nights, table: Rows): Promise<Rows> {
  const { endAt, keptChanges } = await nights.manifest();
  expect(keptChanges?.csv).toBe(`s3://${nights.service.bucket}/out/_${nights.name}/changes/${endAt}.csv`);
  const changed = rowsOf((await nights.beside(`changes/${endAt}.csv`)).toString());
  const gone: string[][] = parse(await nights.beside(`changes/${endAt}.gone.csv`), { from_line: 2 });
  expect(gone.every(([id = '', reason = '']) => table.has(id) && ['deleted', 'merged'].includes(reason))).toBe(true);
  const leave = new Set(gone.map(([id]) => id));
  return new Map([...[...table].filter(([id]) => !leave.has(id)), ...changed]);
}

describe('an output that is kept current', () => {
  it.concurrent.each(['leads.csv', 'leads.csv.gz', 'leads.parquet'])(
    'is after each night every lead as it is then, at the price of two jobs, and a table can follow its changes: %s',
    async (name) => {
      const nights = await Nights.start(name);
      const { service } = nights;
      try {
        expect(await nights.run()).toMatchObject({ mode: 'full', fullBecause: 'there is no output yet' });
        let before = await nights.rows();
        expect(before).toEqual(await truth(service));
        for (let night = 1; night <= 3; night++) {
          service.simulator.clock.jump(9.5 * TWO_HOURS);
          const jobs = service.simulator.jobs.all.length;
          const result = await nights.run();
          const after = await nights.rows();
          expect(after).toEqual(await truth(service));
          const [created, gone] = [ids(after, before).length, ids(before, after).length];
          expect(result).toMatchObject({ mode: 'update', leads: after.size - 1, changes: { created, gone } });
          // A further one checks fields and filter.
          expect(service.simulator.jobs.all.length - jobs).toBe(3);
          const manifest = await nights.manifest();
          expect(manifest).toMatchObject({ mode: 'update', changes: result.changes, base: { leads: before.size - 1 } });
          expect(new Map([...(await follow(nights, before))].sort())).toEqual(new Map([...after].sort()));
          await service.expectNothingLeft();
          expect((await service.keys()).filter((key) => key.includes('/parts/'))).toEqual([]);
          before = after;
        }
        // A full run finds what the updates made: nothing has to be put right, and the next update begins with it.
        await nights.run({ mode: 'full' });
        expect(await nights.rows()).toEqual(await truth(service));
        expect((await nights.manifest()).reconciled).toEqual({
          ...{ leads: before.size - 1, appeared: 0, disappeared: 0 },
          ...{ fieldsAdded: [], fieldsRemoved: [], fieldsRetyped: [] },
        });
        service.simulator.clock.jump(9.5 * TWO_HOURS);
        expect(await nights.run()).toMatchObject({ mode: 'update' });
        expect(await nights.rows()).toEqual(await truth(service));
      } finally {
        await service.stop();
      }
    },
    120_000,
  );
});

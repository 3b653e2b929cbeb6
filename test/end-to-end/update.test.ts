import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { formatSeconds } from '../../src/contract/dates.js';
import type { ExtractResult } from '../../src/contract/result.js';
import { quiet, Service } from './harness.js';

beforeAll(quiet);

const DAY = 86_400_000;
/** Between two changes: two minutes of this machine's time, in which a run is long over. */
const TWO_HOURS = 7_200_000;
const NOW = Date.now() - 4 * DAY;

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

async function output(service: Service): Promise<Rows> {
  return rowsOf((await service.read('out/leads.csv')).toString());
}

/** A run up to a minute ago by the clock of the simulated instance. The worker's own is days ahead: what it tells of gone leads is put right. */
async function update(service: Service): Promise<ExtractResult> {
  const now = service.simulator.clock.now();
  const endAt = new Date(now - 60_000).toISOString();
  const poll = { initialInterval: 1100, maximumInterval: 1200 };
  const result = await service.extract({ mode: 'update', endAt, concurrency: 2, poll });
  const manifest = await service.manifest();
  expect(manifest.goneUntil).toBeDefined();
  const Body = JSON.stringify({ ...manifest, goneUntil: formatSeconds(Math.floor(now / 1000)) });
  await service.s3.send(new PutObjectCommand({ Bucket: service.bucket, Key: 'out/_leads.csv/manifest.json', Body }));
  return result;
}

function ids(rows: Rows, without: Rows): string[] {
  return [...rows.keys()].filter((id) => !without.has(id));
}

describe('an output that is kept current', () => {
  it('is after each night every lead as it is then, at the price of two jobs', async () => {
    const service = await Service.start(LIVING);
    try {
      const first = await update(service);
      expect(first).toMatchObject({ mode: 'full', fullBecause: 'there is no output yet' });
      let before = await output(service);
      expect(before).toEqual(await truth(service));
      for (let night = 1; night <= 3; night++) {
        service.simulator.clock.jump(9.5 * TWO_HOURS);
        const jobs = service.simulator.jobs.all.length;
        const result = await update(service);
        const after = await output(service);
        expect(after).toEqual(await truth(service));
        const [created, gone] = [ids(after, before).length, ids(before, after).length];
        expect(result).toMatchObject({ mode: 'update', leads: after.size - 1, changes: { created, gone } });
        // A further one checks fields and filter.
        expect(service.simulator.jobs.all.length - jobs).toBe(3);
        const manifest = await service.manifest();
        expect(manifest).toMatchObject({ mode: 'update', changes: result.changes, base: { leads: before.size - 1 } });
        await service.expectNothingLeft();
        expect((await service.keys()).filter((key) => key.includes('/parts/'))).toEqual([]);
        before = after;
      }
    } finally {
      await service.stop();
    }
  }, 120_000);
});

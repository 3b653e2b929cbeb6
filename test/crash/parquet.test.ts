import { parse } from 'csv-parse/sync';
import { describe, expect, it } from '@jest/globals';
import { columnTypeOf, type ColumnType } from '../../src/contract/columns.js';
import { FIELDS } from '../../simulator/leads/fields.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import type { ExtractResult, Manifest } from '../../src/contract/result.js';
import { isAlive } from '../helpers/is-alive.js';
import { convertersOf, readParquet } from '../helpers/parquet.js';
import { readObject } from '../helpers/s3.js';
import { until, withRig, type Rig } from './rig.js';

// What a killed worker was converting is given to another only when its heartbeat is missed, after 60 s.
const PATIENCE = 280_000;

/** Ids about 2³², and first names that only a reader of RFC 4180 who knows `null` from `"null"` gets right. */
const ODD: Partial<SimulatorOptions> = {
  idBase: 2 ** 32 - 300,
  stray: { values: ['"null"', '""', '"a ""b"", c"', '"two\nlines"'], oneIn: 5 },
};

const INPUT = /staged\/.*\.csv$/;

/** What a text of the simulator's is in a column of a type. */
const VALUES: Readonly<Record<ColumnType, (text: string) => unknown>> = {
  integer: (text) => BigInt(text.replace(/\.0$/, '')),
  double: Number,
  boolean: (text) => text === 'true',
  date: (text) => new Date(text),
  timestamp: (text) => new Date(text),
  text: (text) => text,
};

function begin(rig: Rig): ReturnType<Rig['begin']> {
  return rig.begin({ destination: `s3://${rig.bucket}/out/leads.parquet` });
}

/** Every value of every lead is what the simulator wrote, as its type says; nothing else is left. */
async function expectRightAndClean(rig: Rig, result: ExtractResult): Promise<void> {
  const types = new Map(FIELDS.map((field) => [field.name, columnTypeOf(field)] as const));
  const [names = [], ...leads] = parse(await rig.expected(result), {
    // What is not quoted and says null is no value.
    cast: (text, { quoting, column, header }) =>
      text === 'null' && !quoting && !header && column !== '' ? null : text,
  }) as unknown as (string | null)[][];
  const { rows } = await readParquet(await readObject(rig.s3, rig.bucket, 'out/leads.parquet'));
  const wanted = leads.map((cells) => [
    ...cells.map((text, column) => (text === null ? null : VALUES[types.get(names[column] ?? '') ?? 'text'](text))),
    null,
  ]);
  expect(Object.keys(rows[0] ?? {})).toEqual([...names, '_uncast']);
  // Not toEqual: a difference would print people's rows.
  expect(same(rows.map(Object.values), wanted)).toBe(true);
  const manifest = JSON.parse(
    (await readObject(rig.s3, rig.bucket, 'out/_leads.parquet/manifest.json')).toString(),
  ) as Manifest;
  expect(manifest).toMatchObject({ format: 'parquet', leads: leads.length, uncast: {}, bytes: result.bytes });
  expect((await rig.keys()).filter((key) => key.includes('/parts/'))).toEqual([]);
  rig.expectOneJobPerWindow();
  await rig.expectNothingOpen();
}

function same(a: unknown, b: unknown): boolean {
  return text(a) === text(b);
}

function text(values: unknown): string {
  return JSON.stringify(values, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

describe('a run whose destination ends in .parquet', () => {
  it.concurrent(
    'has every value of every lead',
    () =>
      withRig(ODD, async (rig) => {
        await rig.work();
        const run = await begin(rig);
        await expectRightAndClean(rig, await run.result());
      }),
    PATIENCE,
  );

  it.concurrent(
    'whose worker is killed while it converts is converted by another one, and asks Marketo for nothing',
    () =>
      withRig(ODD, async (rig) => {
        const worker = await rig.work();
        rig.proxy.inject({ operation: 'GetObject', key: INPUT, effect: { kind: 'hold' } });
        const run = await begin(rig);
        await until(() => rig.proxy.struck > 0);
        const converters = await convertersOf(worker.pid);
        expect(converters).not.toEqual([]);
        const jobs = rig.simulator.jobs.all.length;
        await rig.crash();
        await until(() => !converters.some(isAlive));
        await expectRightAndClean(rig, await run.result());
        expect(rig.simulator.jobs.all).toHaveLength(jobs);
      }),
    PATIENCE,
  );

  it.concurrent(
    'whose converter is killed, and whose store is away for a while, goes on by itself',
    () =>
      withRig(ODD, async (rig) => {
        const worker = await rig.work();
        rig.proxy.inject({ operation: 'GetObject', key: INPUT, effect: { kind: 'hold' }, times: 1 });
        const run = await begin(rig);
        await until(() => rig.proxy.struck > 0);
        rig.proxy.inject({ operation: 'GetObject', key: INPUT, effect: { kind: 'reset' }, times: 12 });
        const [, , converter = 0] = await convertersOf(worker.pid);
        process.kill(converter, 'SIGKILL');
        await expectRightAndClean(rig, await run.result());
      }),
    PATIENCE,
  );
});

import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Endpoint, FaultEffect } from '../../simulator/faults.js';
import { readObject } from '../helpers/s3.js';
import type { Operation, S3Effect, S3Fault } from '../helpers/s3-proxy.js';
import { LARGE_FILE, Rig } from './rig.js';

const OUTPUT = /^out\/leads\.csv$/;
const html = '<html><body>Service Unavailable</body></html>';
const error = (code: string): FaultEffect => ({ kind: 'error', code, message: 'refused in passing' });

/** What a call of Marketo meets in passing. */
const MARKETO: readonly (readonly [Endpoint, FaultEffect])[] = [
  ['pagingToken', { kind: 'http', status: 502, body: html }],
  ['deletedLeads', { kind: 'truncateBody' }],
  ['activityTypes', { kind: 'reset' }],
  ['activities', { kind: 'resetAfter' }],
  ['deletedLeads', error('604')],
  ['create', { kind: 'resetAfter' }],
  ['enqueue', { kind: 'resetAfter' }],
  ['file', { kind: 'cutAfterBytes', bytes: 5000 }],
  ['file', { kind: 'flipBit', atByte: 3000 }],
];

const lateError: S3Effect = { kind: 'error', status: 200, code: 'InternalError' };
const loseAnswer: S3Effect = { kind: 'loseAnswer' };

/** What a request to S3 meets: more often than the SDK tries by itself, or an answer that is lost once. */
const S3: readonly (readonly [Operation, S3Fault['key'], S3Effect, number])[] = [
  ['CompleteMultipartUpload', OUTPUT, lateError, 7],
  ['CompleteMultipartUpload', OUTPUT, loseAnswer, 1],
  ['CompleteMultipartUpload', /\/changes\//, loseAnswer, 1],
  ['PutObject', 'merged.json', { kind: 'reset' }, 7],
  ['PutObject', '_leads.csv/ids', loseAnswer, 1],
  ['PutObject', 'manifest.json', loseAnswer, 1],
];

/** One output, brought up to date again and again, each time by half a day and with something else in the way. */
let rig: Rig;
let updates = 0;
beforeAll(async () => {
  rig = await Rig.start({ ...LARGE_FILE, paddingBytes: 0 });
  await rig.work();
  await update('full');
});
afterAll(() => rig.stop());

function rowsOf(csv: Buffer): string[] {
  return parse(csv).map((row: readonly string[]) => JSON.stringify(row));
}

async function update(mode: 'full' | 'update' = 'update'): Promise<void> {
  const endAt = new Date(Date.parse('2024-01-02T00:00:00Z') + updates++ * 43_200_000).toISOString();
  const run = await rig.begin({ mode: 'update', keepChanges: true, endAt });
  const result = await run.result();
  expect(result).toMatchObject({ mode });
  const [output, expected, all] = await Promise.all([
    readObject(rig.s3, rig.bucket, 'out/leads.csv'),
    rig.expected(result),
    rig.expected({ ...result, endAt: '2024-03-20T00:00:00Z' }),
  ]);
  const [found, known] = [rowsOf(output), new Set(rowsOf(all))];
  // Counts alone: a difference would print people's rows.
  expect(found.length - new Set(found).size).toBe(0);
  expect(rowsOf(expected).filter((row) => !found.includes(row)).length).toBe(0);
  // Of younger leads those that the range of changes brings too.
  expect(found.filter((row) => !known.has(row)).length).toBe(0);
  const keys = await rig.keys();
  expect(keys.filter((key) => key.includes('/parts/'))).toEqual([]);
  expect(keys.includes(`out/_leads.csv/changes/${result.endAt}.gone.csv`)).toBe(mode === 'update');
  await rig.expectNothingOpen();
}

describe('an update', () => {
  it.each(MARKETO)('ends as it would without where Marketo, in passing, at %s: %j', async (endpoint, effect) => {
    const before = rig.simulator.faults.struck[effect.kind] ?? 0;
    rig.simulator.faults.inject({ endpoint, times: 1, effect });
    await update();
    expect(rig.simulator.faults.struck[effect.kind] ?? 0).toBe(before + 1);
    rig.simulator.faults.clear();
  });

  it.each(S3)(
    'ends as it would without where S3 fails for a while: %s of %s, %j',
    async (operation, key, effect, times) => {
      const before = rig.proxy.struck;
      rig.proxy.inject({ operation, ...(key !== undefined && { key }), effect, times });
      await update();
      expect(rig.proxy.struck - before).toBe(times);
      rig.proxy.clear();
    },
  );
});

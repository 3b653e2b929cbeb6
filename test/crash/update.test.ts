import { describe, expect, it } from '@jest/globals';
import type { FaultEffect, Endpoint } from '../../simulator/faults.js';
import { readObject } from '../helpers/s3.js';
import type { S3Fault } from '../helpers/s3-proxy.js';
import { LARGE_FILE, until, withRig, type Rig } from './rig.js';

/** Leads of twenty days, in files that S3 need not copy. */
const SMALL_FILE = { ...LARGE_FILE, paddingBytes: 0 };

// What a killed worker was at is given to another only when its heartbeat is missed, after 60 s.
const PATIENCE = 280_000;

const OUTPUT = /^out\/leads\.csv$/;
const HANG: FaultEffect = { kind: 'hang', seconds: 600 };

const COPYING = 'while S3 copies the base';

/** Where an update stands still for good: at a call of Marketo, or at a request to S3. */
const STAGES: readonly (readonly [string, Endpoint | S3Fault])[] = [
  ['while it asks whether deletions can be known', 'pagingToken'],
  ['while it fetches a file', 'file'],
  ['while it collects who is gone', 'deletedLeads'],
  [COPYING, { operation: 'UploadPartCopy', key: OUTPUT, effect: { kind: 'hold' } }],
  [
    'after it has published, without its knowing',
    { operation: 'CompleteMultipartUpload', key: OUTPUT, effect: { kind: 'holdAnswer' } },
  ],
  [
    'before what it changed is kept',
    { operation: 'CompleteMultipartUpload', key: /\/changes\//, effect: { kind: 'hold' } },
  ],
  ['before the manifest is written', { operation: 'PutObject', key: 'manifest.json', effect: { kind: 'hold' } }],
];

/** The output of an update is every lead, whatever the order; what it changed lies beside it, and nothing else is left. */
async function expectUpdated(rig: Rig, result: Awaited<ReturnType<typeof resultOf>>): Promise<void> {
  expect(result).toMatchObject({ mode: 'update', leads: 400, changes: { gone: 0 } });
  const rows = (csv: Buffer): string[] => csv.toString().split('\n').sort();
  const output = await readObject(rig.s3, rig.bucket, 'out/leads.csv');
  const expected = await rig.expected(result);
  // Not toEqual: a difference would print people's rows.
  expect(rows(output).join() === rows(expected).join()).toBe(true);
  const keys = await rig.keys();
  expect(keys.filter((key) => key.includes('/parts/'))).toEqual([]);
  expect(keys.filter((key) => key.includes('/changes/'))).toEqual([
    `out/_leads.csv/changes/${result.endAt}.csv`,
    `out/_leads.csv/changes/${result.endAt}.gone.csv`,
  ]);
  await rig.expectNothingOpen();
}

type Running = Awaited<ReturnType<Rig['begin']>>;

function resultOf(run: Running): ReturnType<Running['result']> {
  return run.result();
}

/** An output of the first ten days, and the next run, which brings it up to date, held up. */
async function beginHeldUp(rig: Rig, held: Endpoint | S3Fault): Promise<Running> {
  await rig.work();
  const first = await rig.begin({ mode: 'update', endAt: '2024-01-10T00:00:00Z' });
  expect(await first.result()).toMatchObject({ mode: 'full' });
  const struck = (): number => rig.proxy.struck + Object.values(rig.simulator.faults.struck).reduce((a, b) => a + b, 0);
  const before = struck();
  if (typeof held !== 'string') rig.proxy.inject(held);
  // The first job is that over a second, which checks the fields.
  else rig.simulator.faults.inject({ endpoint: held, times: 1, effect: HANG });
  const run = await rig.begin({ mode: 'update', keepChanges: true });
  await until(() => struck() > before);
  return run;
}

describe('an update whose worker is killed is brought to its end by another one, as if nothing had been:', () => {
  it.concurrent.each(STAGES)(
    '%s',
    (name, held) =>
      withRig(name === COPYING ? LARGE_FILE : SMALL_FILE, async (rig) => {
        const run = await beginHeldUp(rig, held);
        await rig.crash();
        await expectUpdated(rig, await resultOf(run));
      }),
    PATIENCE,
  );
});

describe('an update that is started again under the same id', () => {
  it(
    'takes over what was verified, and what is known of leads that are gone',
    () =>
      withRig(SMALL_FILE, async (rig) => {
        const run = await beginHeldUp(rig, {
          operation: 'CompleteMultipartUpload',
          key: OUTPUT,
          effect: { kind: 'hold' },
        });
        const jobs = rig.windowJobs.length;
        await run.terminate();
        await rig.crash();
        const again = await rig.begin({ mode: 'update', keepChanges: true }, run.workflowId);
        await expectUpdated(rig, await resultOf(again));
        expect(rig.windowJobs).toHaveLength(jobs);
      }),
    PATIENCE,
  );

  it(
    'ends as cancelled where it is cancelled, and leaves the output as it was',
    () =>
      withRig(SMALL_FILE, async (rig) => {
        const run = await beginHeldUp(rig, 'status');
        const before = await readObject(rig.s3, rig.bucket, 'out/leads.csv');
        rig.simulator.faults.clear();
        await run.cancel();
        await expect(resultOf(run)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
        expect((await readObject(rig.s3, rig.bucket, 'out/leads.csv')).equals(before)).toBe(true);
        await rig.expectNothingOpen();
      }),
    PATIENCE,
  );
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from '@jest/globals';
import type { Endpoint, Fault } from '../../simulator/faults.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import type { ExtractResult } from '../../src/contract/result.js';
import { readObject } from '../helpers/s3.js';
import type { Operation, S3Fault } from '../helpers/s3-proxy.js';
import {
  accounted,
  CALL_SECONDS,
  cancelled,
  end,
  everything,
  expectNoJobLeft,
  expectNothingMore,
  HEARS,
  isLate,
  LONG_AFTER,
  objectsOf,
  startOf,
  type Ending,
} from './endings.js';
import { ONE_WINDOW, until, withRig } from './rig.js';

/** Of three minutes it is told to wait one and a half; planning so many runs at once takes a while too. */
const PATIENCE = 900_000;

/** One window whose file is just large enough for S3 to copy it. */
const ONE_PART: Partial<SimulatorOptions> = {
  leads: 140,
  paddingBytes: 45_000,
  // Names that every reader reads: a part with others is streamed into an object of its own.
  stray: { values: ['Zoë'], oneIn: 97 },
  until: Date.parse('2024-01-20T00:00:00Z'),
};

interface Step {
  readonly operation: Operation;
  /** What the key must end with; the output itself where there is none. */
  readonly key?: string;
  readonly endings: readonly Ending[];
  /** The output is there, or its completion is under way. */
  readonly published?: true;
  /** What else of the same key is late, once the run is told to end. */
  readonly then?: Operation;
}

const STEPS: Record<string, Step> = {
  'the plan': { operation: 'PutObject', key: 'plan\\.json', endings: ['cancel'] },
  'the beginning of a part': {
    operation: 'CreateMultipartUpload',
    key: 'Z-.*\\.csv',
    endings: ['cancel', 'terminate'],
  },
  'a piece of a part': { operation: 'UploadPart', key: 'Z-.*\\.csv', endings: ['terminate'] },
  'a piece of a part, and the abortion of its upload': {
    operation: 'UploadPart',
    key: 'Z-.*\\.csv',
    endings: ['cancel', 'newer run'],
    then: 'AbortMultipartUpload',
  },
  'the completion of a part': { operation: 'CompleteMultipartUpload', key: 'Z-.*\\.csv', endings: ['reset'] },
  'an id set': { operation: 'PutObject', key: '\\.ids', endings: ['cancel'] },
  'a commit record': { operation: 'PutObject', key: 'Z\\.json', endings: ['cancel'] },
  'the reading of an id set': { operation: 'GetObject', key: '\\.ids', endings: ['cancel'] },
  'the beginning of the output': { operation: 'CreateMultipartUpload', endings: ['cancel', 'terminate'] },
  'the record of the publication': { operation: 'PutObject', key: 'publication\\.json', endings: ['cancel'] },
  'a copied piece of the output': { operation: 'UploadPartCopy', endings: ['cancel'] },
  'the completion of the output': {
    operation: 'CompleteMultipartUpload',
    endings: ['cancel', 'newer run'],
    published: true,
  },
  'the manifest': { operation: 'PutObject', key: 'manifest\\.json', endings: ['newer run'] },
  'the report': { operation: 'PutObject', key: 'report\\.html', endings: ['cancel'], published: true },
};

interface Case {
  readonly name: string;
  readonly ending: Ending;
  readonly published?: true | undefined;
  readonly fault: S3Fault;
  readonly then?: S3Fault | undefined;
}

const CASES: readonly Case[] = Object.values(STEPS).flatMap(({ operation, key, endings, published, then }, step) =>
  endings.map((ending, which) => {
    const name = `step-${step}-${which}`;
    const pattern = key === undefined ? `^out/${name}\\.csv$` : `^out/_${name}\\.csv/.*${key}$`;
    const fault: S3Fault = { operation, key: new RegExp(pattern), effect: { kind: 'late' } };
    return { name, ending, published, fault, then: then && { ...fault, operation: then } };
  }),
);

/** Calls that are late, and by what a run ends meanwhile. Planning makes two creates: the instance lists a field that it does not export. */
const LATE_CALLS: readonly { readonly endpoint: Endpoint; readonly nth: number }[] = [
  { endpoint: 'cancel', nth: 1 },
  { endpoint: 'create', nth: 3 },
  { endpoint: 'enqueue', nth: 1 },
  { endpoint: 'status', nth: 1 },
];
const CALLS = LATE_CALLS.flatMap((call) => (['cancel', 'terminate'] as const).map((ending) => ({ ...call, ending })));

describe('after the end of a run, by whatever it ended, nothing of it comes', () => {
  it.concurrent(
    'from a request to S3 that arrives late',
    () =>
      withRig(ONE_PART, async (rig) => {
        rig.proxy.inject(...CASES.map(({ fault }) => fault));
        await rig.work();
        const runs = await Promise.all(CASES.map(async (of) => ({ of, run: await startOf(rig, of.name) })));
        // A try that is late is tried again, and that is late too.
        await until(() => CASES.every(({ fault }) => isLate(rig, fault)));
        rig.proxy.clear();
        const thenLate = CASES.flatMap(({ then }) => then ?? []);
        rig.proxy.inject(...thenLate);
        const newer = await Promise.all(runs.map(({ of, run }) => end(rig, run, of)));
        await until(() => thenLate.every((fault) => isLate(rig, fault)));
        rig.proxy.clear();
        await sleep(HEARS);
        rig.proxy.release();
        const atTheirEnd = new Map<string, readonly string[]>();
        for (const { of, run } of runs) {
          if (of.ending !== 'cancel') continue;
          await (of.published === true ? accounted(rig, run, of.name) : cancelled(run));
          atTheirEnd.set(of.name, await objectsOf(rig, of.name));
        }
        const results = await Promise.all(
          newer.map(async (run) => (run ? ((await run.result()) as ExtractResult) : undefined)),
        );
        await sleep(HEARS);

        const then = await everything(rig);
        await sleep(LONG_AFTER);
        expect(await everything(rig)).toEqual(then);
        expectNoJobLeft(rig);
        for (const of of CASES) {
          const before = atTheirEnd.get(of.name);
          if (before) expect(await objectsOf(rig, of.name)).toEqual(before);
        }
        // A run that was terminated while it merged cannot give its upload up: the next of its id does.
        const merging = CASES.filter(
          ({ ending, fault }) => ending === 'terminate' && String(fault.key).startsWith('/^out\\/step'),
        );
        for (const key of then['uploads'] ?? []) expect(merging.map(({ name }) => `out/${name}.csv`)).toContain(key);
        for (const [index, result] of results.entries()) {
          if (!result) continue;
          const [{ name = '' } = {}] = [CASES[index]];
          const [output, expected] = await Promise.all([
            readObject(rig.s3, rig.bucket, `out/${name}.csv`),
            rig.expected(result),
          ]);
          // Not toEqual: a difference would print people's rows.
          expect([name, output.equals(expected)]).toEqual([name, true]);
        }
      }),
    PATIENCE,
  );

  it.concurrent.each(['cancel', 'newer run'] as const)(
    'from the deletion of its parts that arrives late: %s',
    (ending) =>
      withRig(ONE_PART, async (rig) => {
        await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        // Not before: planning deletes an object too.
        await until(() => rig.windowJobs.length > 0);
        rig.proxy.inject({ operation: 'DeleteObjects', effect: { kind: 'late' } });
        await until(() => rig.proxy.late.length > 0);
        rig.proxy.clear();
        if (ending === 'cancel') await run.cancel();
        else await run.terminate();
        const newer = ending === 'cancel' ? run : await rig.begin(ONE_WINDOW, run.workflowId);
        await sleep(HEARS);
        rig.proxy.release();
        await rig.expectRightAndClean(await newer.result());
        await sleep(HEARS);
        const then = await everything(rig);
        await sleep(LONG_AFTER);
        expect(await everything(rig)).toEqual(then);
      }),
    PATIENCE,
  );

  it.concurrent(
    'from a download that is late',
    () =>
      withRig({}, async (rig) => {
        await rig.work();
        rig.simulator.faults.inject({ endpoint: 'file', effect: { kind: 'delay', seconds: CALL_SECONDS } });
        const runs: WorkflowHandle[] = [];
        for (const name of ['file-cancel', 'file-terminate']) runs.push(await startOf(rig, name));
        await until(() => rig.simulator.faults.struck['delay'] === runs.length);
        const [toCancel, toTerminate] = runs;
        await Promise.all([toCancel?.cancel(), toTerminate?.terminate()]);
        if (toCancel) await cancelled(toCancel);
        await expectNothingMore(rig);
      }),
    PATIENCE,
  );

  it.concurrent(
    'from a call of Marketo that is answered late',
    () =>
      withRig({ processingSeconds: [20_000, 20_000] }, async (rig) => {
        await rig.work();
        const delayed = (): number => rig.simulator.faults.struck['delay'] ?? 0;
        const runs: WorkflowHandle[] = [];
        for (const [index, { endpoint, nth, ending }] of CALLS.entries()) {
          const fault: Fault = { endpoint, nth, effect: { kind: 'delay', seconds: CALL_SECONDS } };
          // A job is only cancelled once its run is to end.
          const atTheEnd = endpoint === 'cancel';
          if (!atTheEnd) rig.simulator.faults.inject(fault);
          const jobs = rig.windowJobs.length;
          const run = await startOf(rig, `call-${index}`);
          await until(() => (atTheEnd ? rig.windowJobs[jobs]?.state === 'Processing' : delayed() > index));
          if (atTheEnd) rig.simulator.faults.inject(fault);
          await (ending === 'cancel' ? run.cancel() : run.terminate());
          await until(() => delayed() > index);
          if (ending === 'cancel') runs.push(run);
          else await until(() => rig.simulator.jobs.active().length === 0);
        }
        for (const run of runs) await cancelled(run);
        await expectNothingMore(rig);
      }),
    PATIENCE,
  );

  it.concurrent(
    "from a worker that stood still while its manifest was on its way: it is not written over a newer run's when it wakes",
    () =>
      withRig({}, async (rig) => {
        rig.proxy.inject({ operation: 'PutObject', key: 'manifest.json', effect: { kind: 'late' }, times: 1 });
        const asleep = await rig.work();
        const run = await rig.begin(ONE_WINDOW);
        await until(() => rig.proxy.late.length === 1);
        asleep.signal('SIGSTOP');
        await rig.work();
        await run.result();
        await rig.expectRightAndClean(await (await rig.begin(ONE_WINDOW, run.workflowId)).result());
        const newer = await everything(rig);
        rig.proxy.release();
        asleep.signal('SIGCONT');
        await sleep(HEARS);
        expect(await everything(rig)).toEqual(newer);
      }),
    PATIENCE,
  );
});

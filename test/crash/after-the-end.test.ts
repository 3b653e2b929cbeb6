import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CancelledFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from '@jest/globals';
import type { Endpoint } from '../../simulator/faults.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import type { ExtractResult } from '../../src/contract/result.js';
import { readObject } from '../helpers/s3.js';
import type { Operation, S3Fault } from '../helpers/s3-proxy.js';
import { ONE_WINDOW, temporal, until, withRig, type Rig } from './rig.js';

/** Of three minutes it is told to wait one and a half; planning so many runs at once takes a while too. */
const PATIENCE = 400_000;

/** Long enough for an attempt to hear of its end by a heartbeat: one each 5 s. */
const HEARS = 12_000;

/** So long after the end nothing may have come. */
const LONG_AFTER = 62_000;

/** One window whose file is just large enough for S3 to copy it. */
const ONE_PART: Partial<SimulatorOptions> = {
  leads: 140,
  paddingBytes: 45_000,
  until: Date.parse('2024-01-20T00:00:00Z'),
};

type Ending = 'cancel' | 'terminate' | 'reset' | 'newer run';

interface Step {
  readonly operation: Operation;
  /** What the key must end with; the output itself where there is none. */
  readonly key?: string;
  readonly endings: readonly Ending[];
  /** The output is there, or its completion is under way. */
  readonly published?: true;
}

const STEPS: Record<string, Step> = {
  'the plan': { operation: 'PutObject', key: 'plan\\.json', endings: ['cancel'] },
  'the beginning of a part': {
    operation: 'CreateMultipartUpload',
    key: 'Z-.*\\.csv',
    endings: ['cancel', 'terminate'],
  },
  'a piece of a part': { operation: 'UploadPart', key: 'Z-.*\\.csv', endings: ['terminate'] },
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
}

const CASES: readonly Case[] = Object.values(STEPS).flatMap(({ operation, key, endings, published }, step) =>
  endings.map((ending, which) => {
    const name = `step-${step}-${which}`;
    const pattern = key === undefined ? `^out/${name}\\.csv$` : `^out/_${name}\\.csv/.*${key}$`;
    return { name, ending, published, fault: { operation, key: new RegExp(pattern), effect: { kind: 'late' } } };
  }),
);

function startOf(rig: Rig, { name }: Pick<Case, 'name'>): Promise<WorkflowHandle> {
  return rig.begin({ ...ONE_WINDOW, destination: `s3://${rig.bucket}/out/${name}.csv` }, `${rig.taskQueue}/${name}`);
}

/** Ends a run, or lets another go on in its place, which is returned. */
async function end(rig: Rig, run: WorkflowHandle, of: Case): Promise<WorkflowHandle | undefined> {
  if (of.ending === 'cancel') await run.cancel();
  else if (of.ending === 'reset') return reset(rig, run);
  else await run.terminate();
  return of.ending === 'newer run' ? startOf(rig, of) : undefined;
}

/** Lets the run begin again behind its first workflow task. */
async function reset({ client }: Rig, { workflowId }: WorkflowHandle): Promise<WorkflowHandle> {
  await temporal('workflow', 'reset', '--workflow-id', workflowId, '--type', 'FirstWorkflowTask', '--reason', 'a test');
  return client.workflow.getHandle(workflowId);
}

/** Every object with its ETag, every open upload, and the state of every job. */
async function everything(rig: Rig): Promise<Record<string, readonly string[]>> {
  const { Contents = [] } = await rig.s3.send(new ListObjectsV2Command({ Bucket: rig.bucket }));
  return {
    objects: Contents.map(({ Key = '', ETag = '' }) => `${Key} ${ETag}`),
    uploads: await rig.openUploads(),
    jobs: rig.simulator.jobs.all.map(({ exportId, state }) => `${exportId} ${state}`),
  };
}

async function objectsOf(rig: Rig, { name }: Case): Promise<string[]> {
  const { objects = [] } = await everything(rig);
  return objects.filter((object) => object.includes(name));
}

async function cancelled(run: WorkflowHandle): Promise<void> {
  const error: unknown = await run.result().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
}

/** An output that is there is accounted for: a run that is cancelled so late completes, with its manifest. */
async function completed(rig: Rig, run: WorkflowHandle, of: Case): Promise<void> {
  await expect(run.result()).resolves.toHaveProperty('manifest');
  expect((await objectsOf(rig, of)).join('\n')).toContain('manifest.json');
}

/** No job of a window is left that Marketo would still make, or that waits to be enqueued by nobody. */
function expectNoJobLeft(rig: Rig): void {
  const states = rig.windowJobs.map(({ state }) => state);
  expect(states.filter((state) => state !== 'Completed' && state !== 'Cancelled')).toEqual([]);
}

describe('after the end of a run, by whatever it ended, nothing of it comes', () => {
  it.concurrent(
    'from a request to S3 that arrives late',
    () =>
      withRig(ONE_PART, async (rig) => {
        rig.proxy.inject(...CASES.map(({ fault }) => fault));
        await rig.work();
        const runs = await Promise.all(CASES.map(async (of) => ({ of, run: await startOf(rig, of) })));
        // A try that is late is tried again, and that is late too.
        const isLate = ({ fault }: Case): boolean => rig.proxy.late.some(({ key }) => (fault.key as RegExp).test(key));
        await until(() => CASES.every(isLate));
        rig.proxy.clear();
        const newer = await Promise.all(runs.map(({ of, run }) => end(rig, run, of)));
        await sleep(HEARS);
        rig.proxy.release();
        const atTheirEnd = new Map<string, readonly string[]>();
        for (const { of, run } of runs) {
          if (of.ending !== 'cancel') continue;
          await (of.published === true ? completed(rig, run, of) : cancelled(run));
          atTheirEnd.set(of.name, await objectsOf(rig, of));
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
          if (before) expect(await objectsOf(rig, of)).toEqual(before);
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

  it.concurrent(
    'from a call of Marketo that is answered late',
    () =>
      withRig({ processingSeconds: [20_000, 20_000] }, async (rig) => {
        await rig.work();
        /** Planning makes two creates: the instance lists a field that it does not export. */
        const calls: readonly (readonly [Endpoint, number, Exclude<Ending, 'reset' | 'newer run'>])[] = [
          ['create', 3, 'cancel'],
          ['create', 3, 'terminate'],
          ['enqueue', 1, 'cancel'],
          ['enqueue', 1, 'terminate'],
          ['status', 1, 'cancel'],
          ['status', 1, 'terminate'],
        ];
        const runs: WorkflowHandle[] = [];
        for (const [index, [endpoint, nth, ending]] of calls.entries()) {
          rig.simulator.faults.inject({ endpoint, nth, effect: { kind: 'delay', seconds: 20 } });
          const run = await startOf(rig, { name: `call-${index}` });
          const struck = index + 1;
          await until(() => rig.simulator.faults.struck['delay'] === struck);
          await (ending === 'cancel' ? run.cancel() : run.terminate());
          if (ending === 'cancel') runs.push(run);
          else await until(() => rig.simulator.jobs.active().length === 0);
        }
        for (const run of runs) await cancelled(run);
        await sleep(20_000 + HEARS);
        const then = await everything(rig);
        expectNoJobLeft(rig);
        expect(then['uploads']).toEqual([]);
        await sleep(LONG_AFTER);
        expect(await everything(rig)).toEqual(then);
      }),
    PATIENCE,
  );
});

describe('a worker that stood still while its manifest was on its way', () => {
  it.concurrent(
    "does not write it over a newer run's when it wakes",
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

import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CancelledFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { expect } from '@jest/globals';
import type { S3Fault } from '../helpers/s3-proxy.js';
import { ONE_WINDOW, temporal, type Rig } from './rig.js';

/** By what a run ends, or is overtaken. */
export type Ending = 'cancel' | 'terminate' | 'reset' | 'newer run';

/** Long enough for an attempt to hear of its end by a heartbeat: one each 5 s. */
export const HEARS = 12_000;

/** So long after the end nothing may have come. */
export const LONG_AFTER = 62_000;

/** So long a call of Marketo is done before it is answered. */
export const CALL_SECONDS = 20;

/** Starts a run whose destination and id have a name of their own. */
export function startOf(rig: Rig, name: string): Promise<WorkflowHandle> {
  return rig.begin({ ...ONE_WINDOW, destination: `s3://${rig.bucket}/out/${name}.csv` }, `${rig.taskQueue}/${name}`);
}

/** Ends a run, or lets another go on in its place, which is returned. */
export async function end(
  rig: Rig,
  run: WorkflowHandle,
  { name, ending }: { readonly name: string; readonly ending: Ending },
): Promise<WorkflowHandle | undefined> {
  if (ending === 'cancel') await run.cancel();
  else if (ending === 'reset') return reset(rig, run);
  else await run.terminate();
  return ending === 'newer run' ? startOf(rig, name) : undefined;
}

/** Lets the run begin again behind its first workflow task. */
async function reset({ client }: Rig, { workflowId }: WorkflowHandle): Promise<WorkflowHandle> {
  await temporal('workflow', 'reset', '--workflow-id', workflowId, '--type', 'FirstWorkflowTask', '--reason', 'a test');
  return client.workflow.getHandle(workflowId);
}

/** Every object with its ETag, every open upload, and the state of every job. */
export async function everything(rig: Rig): Promise<Record<string, readonly string[]>> {
  const { Contents = [] } = await rig.s3.send(new ListObjectsV2Command({ Bucket: rig.bucket }));
  return {
    objects: Contents.map(({ Key = '', ETag = '' }) => `${Key} ${ETag}`),
    uploads: await rig.openUploads(),
    jobs: rig.simulator.jobs.all.map(({ exportId, state }) => `${exportId} ${state}`),
  };
}

/** Whether a request that the fault meets is on its way. */
export function isLate({ proxy }: Rig, { operation, key }: S3Fault): boolean {
  return proxy.late.some((late) => late.operation === operation && (key as RegExp).test(late.key));
}

/** The objects of the run of this name. */
export async function objectsOf(rig: Rig, name: string): Promise<string[]> {
  const { objects = [] } = await everything(rig);
  return objects.filter((object) => object.includes(name));
}

/** Waits for the end of a run, which is that it was cancelled. */
export async function cancelled(run: WorkflowHandle): Promise<void> {
  const error: unknown = await run.result().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
}

/**
 * Waits for the end of a run that was told to end while it published: with output and manifest, or cancelled with neither,
 * where S3 had not answered within the minute that a request is waited for.
 */
export async function accounted(rig: Rig, run: WorkflowHandle, name: string): Promise<void> {
  const isPublished = await run.result().then(
    () => true,
    () => false,
  );
  if (!isPublished) await cancelled(run);
  const objects = (await objectsOf(rig, name)).map((object) => object.split(' ')[0]);
  const made = [`out/${name}.csv`, `out/_${name}.csv/manifest.json`].map((key) => objects.includes(key));
  expect(made).toEqual([isPublished, isPublished]);
}

/** No job of a window is left that Marketo would still make, or that waits to be enqueued by nobody. */
export function expectNoJobLeft(rig: Rig): void {
  const states = rig.windowJobs.map(({ state }) => state);
  expect(states.filter((state) => state !== 'Completed' && state !== 'Cancelled')).toEqual([]);
}

/** Nothing changes long after all that is late has come, and no job or upload is left. */
export async function expectNothingMore(rig: Rig): Promise<void> {
  await sleep(CALL_SECONDS * 1000 + HEARS);
  const then = await everything(rig);
  expectNoJobLeft(rig);
  expect(then['uploads']).toEqual([]);
  await sleep(LONG_AFTER);
  expect(await everything(rig)).toEqual(then);
}

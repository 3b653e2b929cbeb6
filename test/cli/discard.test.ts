import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { outputNames, runNames } from '../../src/parts/output-names.js';
import { createUpload, findUploads } from '../../src/storage/multipart-upload.js';
import { createObjectStore, type ObjectStore } from '../../src/storage/object-store.js';
import { listKeys, putBytes } from '../../src/storage/objects.js';
import { writePublication } from '../../src/merge/publication-record.js';
import { newBucket, s3Client } from '../helpers/s3.js';
import { cli } from './cli.js';

let connection: Connection;
let client: Client;
let s3: S3Client;
let store: ObjectStore;
let bucket: string;
beforeAll(async () => {
  connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  client = new Client({ connection });
  s3 = s3Client();
  bucket = await newBucket(s3);
  store = createObjectStore({ forcePathStyle: true });
});
afterAll(async () => {
  s3.destroy();
  store.client.destroy();
  await connection.close();
});

let key: string;
let destination: string;
beforeEach(() => {
  key = `${randomUUID()}.csv`;
  destination = `s3://${bucket}/${key}`;
});

/** What a failed run leaves: plan, a part with its record, uploads of a part and of the output. Beside it, another run's. */
async function leaveBehind(workflowId: string): Promise<void> {
  const run = runNames(outputNames(destination), workflowId);
  for (const name of [run.plan, `${run.prefix}2024-01-01T00:00:00Z.json`, `${run.prefix}2024-01-01T00:00:00Z-a.csv`]) {
    await putBytes(store, { bucket, key: name }, Buffer.from('x'));
  }
  await createUpload(store, { bucket, key: `${run.prefix}2024-02-01T00:00:00Z-b.csv` });
  await writePublication(store, run, {
    plan: 'sha256 of the plan',
    upload: await createUpload(store, { bucket, key }),
  });
  await putBytes(store, { bucket, key }, Buffer.from('an earlier output'));
  await putBytes(store, { bucket, key: runNames(outputNames(destination), 'another').plan }, Buffer.from('x'));
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const one of listKeys(store, bucket, '')) if (one.includes(key)) found.push(one);
  return found;
}

describe('discard', () => {
  it('deletes all that the run keeps and aborts its uploads, and touches nothing else', async () => {
    await leaveBehind('some-run');
    const args = ['discard', '--destination', destination, '--workflow-id', 'some-run', '--yes'];
    const ran = await cli(args);
    const { prefix } = runNames(outputNames(destination), 'some-run');
    expect(ran).toEqual({
      code: 0,
      stdout: `Deleted 4 objects and 1 upload under s3://${bucket}/${prefix}\n`,
      stderr: '',
    });
    expect((await keys()).sort()).toEqual([key, runNames(outputNames(destination), 'another').plan].sort());
    expect((await findUploads(store, bucket, '')).filter((upload) => upload.key.includes(key))).toEqual([]);
    expect((await cli(args)).stdout).toContain('keeps nothing');
  });

  it('deletes nothing where nobody can be asked and --yes is not given', async () => {
    await leaveBehind(`extract-leads/${bucket}/${key}`);
    const ran = await cli(['discard', '--destination', destination]);
    expect(ran).toMatchObject({ code: 1, stderr: 'There is nobody to ask: give --yes to delete.\n' });
    expect(await keys()).toHaveLength(6);
  });

  it('refuses a run that is open', async () => {
    const workflowId = `extract-leads/${bucket}/${key}`;
    await leaveBehind(workflowId);
    const handle = await client.workflow.start('extractLeads', { taskQueue: 'none', workflowId });
    const args = ['discard', '--destination', destination, '--yes'];
    const refused = await cli(args);
    expect(refused).toMatchObject({ code: 1, stderr: `The run "${workflowId}" is open: cancel it first.\n` });
    expect(await keys()).toHaveLength(6);
    await handle.terminate();
    expect((await cli(args)).code).toBe(0);
  });

  it('refuses a run that was terminated while one of its windows still clears up', async () => {
    const workflowId = `it's ${key}`;
    await leaveBehind(workflowId);
    const window = await client.workflow.start('extractWindow', {
      taskQueue: 'none',
      workflowId: `${workflowId}/2024-01-01T00:00:00Z`,
    });
    // What is listed lags behind what is so.
    const isListed = async (status: string): Promise<void> => {
      const query = `RunId = "${window.firstExecutionRunId}" AND ExecutionStatus = "${status}"`;
      while ((await client.workflow.count(query)).count === 0) await sleep(50);
    };
    await isListed('Running');
    const args = ['discard', '--destination', destination, '--workflow-id', workflowId, '--yes'];
    const refused = await cli(args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('is still open');
    expect(await keys()).toHaveLength(6);
    await window.terminate();
    await isListed('Terminated');
    expect((await cli(args)).code).toBe(0);
  });

  it('says what is wrong with destination, credentials or bucket', async () => {
    expect(await cli(['discard', '--destination', 'nowhere'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('destination: got "nowhere"'),
    });
    expect(await cli(['discard', '--destination', `s3://none-${randomUUID()}/key`, '--yes'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NoSuchBucket'),
    });
  });
});

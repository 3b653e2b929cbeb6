import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { ROOT } from '../../scripts/root.js';
import { FakeActivities } from '../workflows/fake-activities.js';
import { Harness } from '../workflows/harness.js';
import { blocksOf } from './pages.js';

/** As the page has it. */
const TASK_QUEUE = 'marketo-lead-extract';

let harness: Harness;
let directory: string;
beforeAll(async () => {
  harness = await Harness.start();
  directory = await mkdtemp(join(tmpdir(), 'embedding-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await harness.stop();
});

describe('the workflow of docs/embedding.md', () => {
  it('runs an extract as its child, and returns what the page says', async () => {
    const [example] = blocksOf('docs/embedding.md').filter(({ language }) => language === 'ts');
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    await writeFile(join(directory, 'parent.ts'), example?.text ?? '');
    const ours = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
    const both = `export * from './parent.ts';\nexport * from ${JSON.stringify(ours)};\n`;
    await writeFile(join(directory, 'index.ts'), both);
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: join(directory, 'index.ts'),
      payloadConverterPath: fileURLToPath(new URL('../../src/workflows/payload-converter.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    });
    const { env } = harness;
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle,
      activities: new FakeActivities(),
    });
    const result: unknown = await worker.runUntil(
      env.client.workflow.execute('refreshWarehouse', {
        taskQueue: TASK_QUEUE,
        workflowId: 'refresh-warehouse',
        args: ['s3://bucket/leads.csv'],
        workflowExecutionTimeout: '60 days',
      }),
    );
    expect(result).toMatch(/^\d+ leads, see s3:\/\/bucket\//);
    const child = await env.client.workflow.getHandle('leads/123-ABC-456').describe();
    expect(child).toMatchObject({ type: 'extractLeads', status: { name: 'COMPLETED' } });
  });
});

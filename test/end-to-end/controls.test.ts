import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { toolPath } from '../../scripts/tools.js';
import { progressQuery } from '../../src/contract/messages.js';
import type { ExtractProgress } from '../../src/contract/progress.js';
import type { ExtractResult } from '../../src/contract/result.js';
import { FAST_POLL, quiet, withService, type Service } from './harness.js';

beforeAll(quiet);

const run = promisify(execFile);

/** Temporal's own CLI, as people use it. */
async function temporal(...args: string[]): Promise<string> {
  const { stdout } = await run(toolPath('temporal'), [...args, '--address', process.env['TEMPORAL_ADDRESS'] ?? '']);
  return stdout;
}

async function queryProgress(workflowId: string): Promise<ExtractProgress> {
  const answer = await temporal(
    'workflow',
    'query',
    '--workflow-id',
    workflowId,
    '--type',
    'progress',
    '--output',
    'json',
  );
  const parsed = JSON.parse(answer) as { queryResult: ExtractProgress[] };
  const [progress] = parsed.queryResult;
  if (!progress) throw new Error('The query was not answered');
  return progress;
}

async function until(
  workflowId: string,
  met: (progress: ExtractProgress) => boolean,
  service: Service,
): Promise<ExtractProgress> {
  for (let tries = 0; tries < 1200; tries++) {
    const progress = await service.client.workflow
      .getHandle(workflowId)
      .query(progressQuery)
      .catch(() => undefined);
    if (progress && met(progress)) return progress;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('It did not come about within two minutes');
}

describe('a run that is started and steered by Temporal’s CLI', () => {
  it('takes the contract’s JSON and answers with the contract’s result', () =>
    withService({}, async (service) => {
      const workflowId = `leads/${randomUUID()}`;
      const input = { destination: service.destination, endAt: '2024-03-20T00:00:00Z', poll: FAST_POLL };
      const start = ['--type', 'extractLeads', '--task-queue', service.taskQueue, '--workflow-id', workflowId];
      await temporal(
        'workflow',
        'start',
        ...start,
        '--id-conflict-policy',
        'UseExisting',
        '--input',
        JSON.stringify(input),
      );
      const answer = await temporal('workflow', 'result', '--workflow-id', workflowId, '--output', 'json');
      const { result } = JSON.parse(answer) as { result: ExtractResult };
      expect(Object.keys(result).sort()).toEqual(
        ['bytes', 'destination', 'duplicates', 'endAt', 'leads', 'manifest', 'mode', 'startAt', 'windows'].sort(),
      );
      await service.expectRightAndClean(result);
    }));

  it('starts no new window while it is paused, goes on when it is resumed, with the concurrency that was set meanwhile', () =>
    withService({ processingSeconds: [2000, 2500] }, async (service) => {
      const handle = await service.start();
      const { workflowId } = handle;
      await until(workflowId, ({ windows }) => windows.exporting === 1, service);
      await temporal('workflow', 'signal', '--workflow-id', workflowId, '--name', 'pause');
      const paused = await until(workflowId, ({ windows }) => windows.completed === 1, service);
      expect(paused).toMatchObject({ paused: true, windows: { pending: 2, exporting: 0 } });

      const update = [
        'workflow',
        'update',
        'execute',
        '--workflow-id',
        workflowId,
        '--name',
        'setConcurrency',
        '--input',
      ];
      await expect(temporal(...update, '11')).rejects.toThrow(/whole number from 1 to 10/);
      expect(await temporal(...update, '2')).toContain('2');
      expect(await queryProgress(workflowId)).toMatchObject({ concurrency: 2, windows: { pending: 2 } });

      await temporal('workflow', 'signal', '--workflow-id', workflowId, '--name', 'resume');
      await until(workflowId, ({ windows }) => windows.exporting === 2, service);
      await service.expectRightAndClean(await handle.result());
    }));

  it('waits with a failed window until retryWindow, and then delivers it all', () =>
    withService({}, async (service) => {
      service.simulator.faults.inject({ endpoint: 'create', nth: 4, effect: { kind: 'wrongRecordCount', by: 1 } });
      const handle = await service.start({ onWindowFailure: 'wait' });
      const { current } = await until(handle.workflowId, ({ stage }) => stage === 'waiting for retryWindow', service);
      expect(current).toMatchObject([{ startAt: '2024-02-01T00:00:00Z', state: 'failed' }]);
      const signal = ['workflow', 'signal', '--workflow-id', handle.workflowId, '--name', 'retryWindow'];
      await temporal(...signal, '--input', '"2024-02-01T00:00:00Z"');
      await service.expectRightAndClean(await handle.result());
    }));

  it('describes its messages and shows a table of its windows', () =>
    withService({ processingSeconds: [3000, 3500] }, async (service) => {
      const handle = await service.start({ concurrency: 2 });
      await until(handle.workflowId, ({ windows }) => windows.exporting === 2, service);
      const metadata = await temporal('workflow', 'metadata', '--workflow-id', handle.workflowId, '--output', 'json');
      for (const name of ['progress', 'pause', 'resume', 'retryWindow', 'setConcurrency'])
        expect(metadata).toContain(`"${name}"`);
      expect(metadata).toMatch(/2024-01-01 → 2024-01-31[\s\u200b]*\| exporting/);
      await handle.result();
    }));
});

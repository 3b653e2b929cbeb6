import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Simulator } from '../../simulator/simulator.js';
import type { Manifest } from '../../src/contract/manifest.js';
import type { ExtractProgress } from '../../src/contract/progress.js';
import { cli } from '../cli/cli.js';
import { readObject } from '../helpers/s3.js';
import { until, withRig } from './rig.js';

const PATIENCE = 280_000;
const DAY = 86_400_000;
const FROM = Date.parse('2024-01-01T00:00:00Z');

describe('a worker of another instance on the queue of a run', () => {
  it.concurrent(
    'does nothing for it: the run tells both hosts, and goes on with a worker of its own, with its own rows only',
    () =>
      withRig({ from: FROM, until: FROM + 140 * DAY, processingSeconds: [3000, 3000] }, async (rig) => {
        const { options } = rig.simulator;
        const other = await Simulator.start({ ...options, port: 0, seed: 2, idBase: 1_000_000 });
        try {
          const own = await rig.work();
          const run = await rig.begin({ endAt: '2024-05-25T00:00:00Z' });
          await until(() => rig.windowJobs[2]?.state === 'Processing');
          await own.stop();

          const foreign = await rig.work({ MARKETO_ENDPOINT: other.url });
          const calls = other.calls.records.length;
          const hosts = [new URL(rig.simulator.url).host, new URL(other.url).host];
          let told: ExtractProgress['current'][number]['wait'];
          await until(async () => {
            const { current } = await run.query<ExtractProgress>('progress');
            told = current.map(({ wait }) => wait).find((wait) => wait?.reason === 'otherInstance');
            return told !== undefined;
          });
          for (const host of hosts) expect(told?.message).toContain(host);
          const { stdout } = await cli(['status', '--workflow-id', run.workflowId]);
          for (const host of hosts) expect(stdout).toContain(host);
          await sleep(5000);
          expect(other.calls.records).toHaveLength(calls);
          await foreign.stop();

          await rig.work();
          const result = await run.result();
          await rig.expectRightAndClean(result);
          const manifest = JSON.parse(
            (await readObject(rig.s3, rig.bucket, 'out/_leads.csv/manifest.json')).toString(),
          ) as Manifest;
          expect([manifest.instance, result.windows]).toEqual([hosts[0], 5]);
          expect(other.calls.records.filter(({ endpoint }) => endpoint === 'create')).toEqual([]);
        } finally {
          await other.close();
        }
      }),
    PATIENCE,
  );
});

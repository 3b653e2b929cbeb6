import { describe, expect, it } from '@jest/globals';
import type { HeartbeatDetails } from '../../src/contract/heartbeat.js';
import { Attempt } from '../../src/activities/attempt.js';
import { awaitOtherRuns } from '../../src/activities/await-other-runs.js';
import { AttemptEnvironment } from './environment.js';
import { MINUTE, POLL } from './fixture.js';

const OWN = 'leads-2026-11-26T02:15:00Z';
const BEGUN = Date.parse('2026-11-26T02:15:00Z');

/** An attempt of a run whose Temporal lists these open runs, by when they began in milliseconds after it. */
async function attemptBeside(runs: Readonly<Record<string, number>>): Promise<Partial<HeartbeatDetails>> {
  const environment = new AttemptEnvironment({ workflowExecution: { workflowId: OWN, runId: 'run' } });
  Object.assign(environment.environment.context.client.workflow, {
    async *list({ query }: { query: string }) {
      await Promise.resolve();
      expect(query).toBe("WorkflowType = 'extractLeads' AND ExecutionStatus = 'Running'");
      for (const [workflowId, after] of Object.entries(runs)) {
        yield { workflowId, runId: 'r', startTime: new Date(BEGUN + after) };
      }
    },
    getHandle: () => ({ describe: () => Promise.resolve({ startTime: new Date(BEGUN) }) }),
  });
  return environment.run(async () => {
    const attempt = new Attempt();
    await awaitOtherRuns(attempt, { poll: POLL });
    return attempt.details;
  });
}

describe('a run of a schedule', () => {
  it('waits for the run of its pair that began before it, and says for which', async () => {
    await expect(attemptBeside({ [OWN]: 0, 'leads/full-2026-11-25T06:00:00Z': -1000 })).rejects.toMatchObject({
      delayMilliseconds: MINUTE,
      wait: {
        reason: 'earlierRun',
        message:
          'The run leads/full-2026-11-25T06:00:00Z of the same output is open: this one begins once it has ended',
      },
    });
  });

  it('waits for one that was started by hand', async () => {
    await expect(attemptBeside({ leads: -1 })).rejects.toMatchObject({ wait: { reason: 'earlierRun' } });
  });

  it('does not wait for a later one, which waits for it, nor for those of others', async () => {
    await attemptBeside({ 'leads/full-2026-11-26T06:00:00Z': 1000, 'leads.gz': -1000, [OWN]: 0 });
  });
});

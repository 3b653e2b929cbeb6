import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceError } from '@temporalio/client';
import { AttemptEnvironment } from './environment.js';
import { Fixture, MINUTE, POLL } from './fixture.js';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await Fixture.start();
});

afterEach(() => fixture.stop());

/** An attempt whose Temporal lists these children of the workflow id, or fails to. */
function temporalWith(children: readonly { id: string; parent?: string; parentRun: string }[] | Error): {
  readonly environment: AttemptEnvironment;
  readonly queries: string[];
  readonly cancelled: string[];
} {
  const environment = new AttemptEnvironment();
  const [queries, cancelled]: [string[], string[]] = [[], []];
  Object.assign(environment.environment.context.client.workflow, {
    async *list({ query }: { query: string }) {
      queries.push(query);
      if (children instanceof Error) throw children;
      for (const { id, parent = 'run/window', parentRun } of children) {
        yield { workflowId: id, runId: 'r', parentExecution: { workflowId: parent, runId: parentRun } };
      }
    },
    getHandle: (workflowId: string) => ({
      signal: () => Promise.resolve(),
      cancel: () => Promise.resolve(cancelled.push(workflowId)),
    }),
  });
  return { environment, queries, cancelled };
}

function grpcError(code: number): ServiceError {
  const cause = Object.assign(new Error('gRPC'), { code, details: '', metadata: {} });
  return new ServiceError('Temporal says no', { cause });
}

const close = (): Promise<void> => fixture.activities.closeEarlierWindows({ poll: POLL });

describe('windows of earlier runs', () => {
  it('are waited for, asked to cancel and told of', async () => {
    const temporal = temporalWith([
      { id: 'run/window/2024', parentRun: 'earlier' },
      { id: 'run/window/2025', parentRun: 'earlier still' },
    ]);
    const failure = await temporal.environment.failureOf(close);
    expect(failure).toMatchObject({ type: 'earlierRun', nextRetryDelay: MINUTE, nonRetryable: false });
    expect(failure.message).toContain('2 windows');
    expect(temporal.cancelled).toEqual(['run/window/2024', 'run/window/2025']);
    expect(temporal.queries).toEqual(["WorkflowType = 'extractWindow' AND ExecutionStatus = 'Running'"]);
  });

  it('of other runs are left alone', async () => {
    const temporal = temporalWith([{ id: 'other/2024', parent: 'other', parentRun: 'earlier' }]);
    await temporal.environment.run(close);
    expect(temporal.cancelled).toEqual([]);
  });

  it('are none of the run itself: those go on', async () => {
    const temporal = temporalWith([{ id: 'run/window/2024', parentRun: 'window-run' }]);
    await temporal.environment.run(close);
    expect(temporal.cancelled).toEqual([]);
  });

  it.each([12, 3])('are left to be met by their id where Temporal cannot list them: gRPC %d', async (code) => {
    await temporalWith(grpcError(code)).environment.run(close);
  });

  it('are asked for again where Temporal does not answer', async () => {
    const failure = await temporalWith(grpcError(14)).environment.failureOf(close);
    expect(failure).toMatchObject({ type: 'earlierRun', nonRetryable: false });
  });
});

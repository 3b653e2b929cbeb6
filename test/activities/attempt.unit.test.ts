import { describe, expect, it } from '@jest/globals';
import { runAttempt, type AttemptArgs } from '../../src/activities/attempt.js';
import { RunFailure } from '../../src/contract/failures.js';
import { MarketoError, type ErrorAction } from '../../src/marketo/marketo-errors.js';
import { RetryLater } from '../../src/activities/retry-decision.js';
import type { WaitReason } from '../../src/contract/progress.js';
import { AttemptEnvironment } from './environment.js';

const HOST = '123-abc-456.mktorest.com';
const WINDOW = { startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-31T23:59:59Z' };
const ARGS: AttemptArgs = {
  window: WINDOW,
  run: { workflowId: 'run', runId: 'run-run' },
  poll: { initialMilliseconds: 1000, maximumMilliseconds: 4000 },
};

function failing(action: ErrorAction, args: AttemptArgs = ARGS): () => Promise<never> {
  const error = new MarketoError('9999', { endpoint: 'enqueue', detail: 'as it says', action });
  return () => runAttempt(HOST, args, () => Promise.reject(error));
}

describe('an attempt', () => {
  it('returns what its work returns, and tells nobody', async () => {
    const environment = new AttemptEnvironment();
    expect(await environment.run(() => runAttempt(HOST, ARGS, () => Promise.resolve(7)))).toBe(7);
    expect(environment.signals).toEqual([]);
    expect(environment.heartbeats).toEqual([]);
  });

  it('fails for good by a type of the contract', async () => {
    const failure = await new AttemptEnvironment().failureOf(() =>
      runAttempt(HOST, ARGS, () => Promise.reject(new RunFailure('WindowFailed', 'cannot be exported'))),
    );
    expect(failure).toMatchObject({ type: 'WindowFailed', message: 'cannot be exported', nonRetryable: true });
  });

  it('comes back after the delay that was decided, as nothing to worry about', async () => {
    const failure = await new AttemptEnvironment().failureOf(failing('queueFull'));
    expect(failure).toMatchObject({ type: 'queueFull', nonRetryable: false, nextRetryDelay: 1000, category: 'BENIGN' });
  });

  it('backs off by the recipe where it is not told how', async () => {
    expect(await new AttemptEnvironment().failureOf(failing('queueFull', {}))).toMatchObject({
      nextRetryDelay: 60_000,
    });
  });

  it('goes on from what the one before left', async () => {
    let environment = new AttemptEnvironment();
    const delays: unknown[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      delays.push((await environment.failureOf(failing('queueFull'))).nextRetryDelay);
      environment = environment.next();
    }
    expect(delays).toEqual([1000, 2000, 4000, 4000, 4000]);
  });

  it.each([
    undefined,
    null,
    'details of another version',
    [],
    { failures: 'many' },
    { failures: 2, wait: { reason: 'boredom', message: 'm', since: 's' } },
  ])('knows nothing where the one before left %j', async (heartbeatDetails) => {
    const environment = new AttemptEnvironment({ attempt: 4, heartbeatDetails });
    expect(await environment.failureOf(failing('queueFull'))).toMatchObject({ nextRetryDelay: 1000 });
    const recalled = await environment.run(() =>
      runAttempt(HOST, ARGS, (attempt) => Promise.resolve(attempt.details.exportId)),
    );
    expect(recalled).toBeUndefined();
  });

  it('reads what an older version left, without the memory that came later', async () => {
    const environment = new AttemptEnvironment({
      attempt: 2,
      heartbeatDetails: { uploadId: 'u', later: 'key' },
    });
    expect(
      await environment.run(() => runAttempt(HOST, ARGS, (attempt) => Promise.resolve(attempt.details.uploadId))),
    ).toBe('u');
  });

  it('remembers at once, and all that it remembered before', async () => {
    const environment = new AttemptEnvironment();
    await environment.run(() =>
      runAttempt(HOST, ARGS, (attempt) => {
        attempt.remember({ exportId: 'e' });
        attempt.remember({ uploadId: 'u' });
        return Promise.resolve();
      }),
    );
    expect(environment.heartbeats.at(-1)).toMatchObject({ exportId: 'e', uploadId: 'u' });
    expect(environment.heartbeats).toHaveLength(2);
  });

  it('decides nothing about an error that its own cancellation caused', async () => {
    const environment = new AttemptEnvironment();
    const work = environment.run(() =>
      runAttempt(HOST, ARGS, (attempt) => {
        environment.environment.cancel();
        expect(attempt.signal.aborted).toBe(true);
        return Promise.reject(new Error('because it was cancelled'));
      }),
    );
    await expect(work).rejects.toMatchObject({ name: 'CancelledFailure' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(environment.heartbeats).toEqual([]);
    expect(environment.signals).toEqual([]);
  });
});

describe('what an attempt waits for', () => {
  it('is told to its workflow and to the run', async () => {
    const environment = new AttemptEnvironment();
    await environment.failureOf(failing('queueFull'));
    const wait = expect.objectContaining({ reason: 'queueFull' });
    expect(environment.signals).toEqual([
      { workflowId: 'run/window', runId: 'window-run', name: 'waitChanged', argument: { wait } },
      { workflowId: 'run', runId: 'run-run', name: 'waitChanged', argument: { window: WINDOW.startAt, wait } },
    ]);
  });

  it('is told once, not with each try', async () => {
    const first = new AttemptEnvironment();
    await first.failureOf(failing('queueFull'));
    const second = first.next();
    await second.failureOf(failing('queueFull'));
    expect(second.signals).toEqual([]);
    const third = second.next();
    await third.failureOf(failing('waitForExportQuota'));
    expect(third.signals).toHaveLength(2);
  });

  it('is taken back once the work succeeds', async () => {
    const first = new AttemptEnvironment();
    await first.failureOf(failing('queueFull'));
    const second = first.next();
    await second.run(() => runAttempt(HOST, ARGS, () => Promise.resolve()));
    expect(second.signals.map(({ workflowId, argument }) => [workflowId, argument])).toEqual([
      ['run/window', { wait: null }],
      ['run', { window: WINDOW.startAt, wait: null }],
    ]);
  });

  it('is told to its workflow alone where there is no run', async () => {
    const environment = new AttemptEnvironment();
    await environment.failureOf(failing('queueFull', { window: WINDOW }));
    expect(environment.signals.map(({ workflowId }) => workflowId)).toEqual(['run/window']);
  });

  it('does not trouble the work where it cannot be told', async () => {
    const environment = new AttemptEnvironment({}, new Error('The workflow is gone'));
    expect(await environment.failureOf(failing('queueFull'))).toMatchObject({ type: 'queueFull' });
  });

  it('is nothing for a transient error that has only just begun', async () => {
    const environment = new AttemptEnvironment();
    expect(await environment.failureOf(failing('retry'))).toMatchObject({ type: 'transient', category: 'BENIGN' });
    expect(environment.signals).toEqual([]);
  });
});

describe('the run of a window', () => {
  /** An attempt that waits for that reason, after one that waited for another. */
  async function told(reason: WaitReason, before?: WaitReason): Promise<string[]> {
    const heartbeatDetails = before && { wait: { reason: before, message: 'before', since: '2024-01-01T00:00:00Z' } };
    const environment = new AttemptEnvironment({ attempt: 2, ...(heartbeatDetails && { heartbeatDetails }) });
    await environment.failureOf(() =>
      runAttempt(HOST, ARGS, () => Promise.reject(new RetryLater(1000, { reason, message: 'now' }))),
    );
    return environment.signals.map(({ workflowId }) => workflowId);
  }

  it('is not told of the ordinary waits for a job, which the window itself shows', async () => {
    expect(await told('jobProcessing')).toEqual(['run/window']);
    expect(await told('jobProcessing', 'jobQueued')).toEqual(['run/window']);
    expect(await told('jobQueued', 'jobProcessing')).toEqual(['run/window']);
  });

  it('is told that a wait of its own view is over when an ordinary one follows', async () => {
    expect(await told('jobProcessing', 'marketoUnavailable')).toEqual(['run/window', 'run']);
  });

  it('is told nothing more once the work succeeds after an ordinary wait', async () => {
    const wait = { reason: 'jobProcessing', message: 'before', since: '2024-01-01T00:00:00Z' };
    const environment = new AttemptEnvironment({ attempt: 2, heartbeatDetails: { wait } });
    await environment.run(() => runAttempt(HOST, ARGS, () => Promise.resolve()));
    expect(environment.signals).toEqual([]);
  });
});

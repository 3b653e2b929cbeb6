import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

export interface Signal {
  readonly workflowId: string;
  readonly runId: string;
  readonly name: string;
  readonly argument: unknown;
}

/** One attempt of an activity, with what it told Temporal and its workflows. */
export class AttemptEnvironment {
  readonly signals: Signal[] = [];
  readonly heartbeats: unknown[] = [];
  /** Types of the search attributes that the namespace knows, by name: Temporal's numbers, 2 for a keyword. */
  searchAttributes: Readonly<Record<string, number>> = {};
  readonly environment: MockActivityEnvironment;

  /** @param signalError thrown by every signal */
  constructor(
    info: {
      attempt?: number;
      heartbeatDetails?: unknown;
      workflowExecution?: { readonly workflowId: string; readonly runId: string };
    } = {},
    signalError?: Error,
  ) {
    const getHandle = (workflowId: string, runId: string): object => ({
      signal: ({ name }: { name: string }, argument: unknown) => {
        if (signalError) return Promise.reject(signalError);
        this.signals.push({ workflowId, runId, name, argument });
        return Promise.resolve();
      },
      describe: () => Promise.resolve({ startTime: new Date() }),
    });
    const list = async function* (): AsyncGenerator<object> {
      yield* await Promise.resolve([]);
    };
    const listSearchAttributes = (): object => Promise.resolve({ customAttributes: this.searchAttributes });
    const connection = { operatorService: { listSearchAttributes } };
    const withAbortSignal = (_signal: AbortSignal, work: () => unknown): unknown => work();
    this.environment = new MockActivityEnvironment(
      { workflowExecution: { workflowId: 'run/window', runId: 'window-run' }, ...info },
      {
        client: { connection, workflow: { getHandle, list }, withAbortSignal } as unknown as Client,
        logger: new DefaultLogger('ERROR', () => undefined),
      },
    );
    this.environment.on('heartbeat', (details: unknown) => this.heartbeats.push(details));
  }

  run<R>(work: () => Promise<R>): Promise<R> {
    return this.environment.run(work);
  }

  /** The failure that an attempt ends with. */
  async failureOf(work: () => Promise<unknown>): Promise<ApplicationFailure> {
    const failure: unknown = await this.run(work).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(failure instanceof ApplicationFailure)) throw new Error('The attempt did not end with an ApplicationFailure');
    return failure;
  }

  /** What the next attempt gets: the last heartbeat, as JSON has it. */
  next(): AttemptEnvironment {
    const details: unknown = JSON.parse(JSON.stringify(this.heartbeats.at(-1) ?? null));
    const attempt = this.environment.context.info.attempt + 1;
    return new AttemptEnvironment({ attempt, ...(details !== null && { heartbeatDetails: details }) });
  }
}

import { activityInfo, ApplicationFailure, cancellationSignal, Context, heartbeat, log } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { RunRef } from '../contract/activities.js';
import type { Poll } from '../contract/input.js';
import { waitChangedSignal } from '../contract/messages.js';
import type { Wait } from '../contract/progress.js';
import type { Window } from '../contract/windows.js';
import { decide, isNews, memorySchema, type Memory } from './retry-decision.js';

/** What the wrapper reads of an activity's arguments: whom to tell of waits, and how to back off from a full queue. */
export interface AttemptArgs {
  readonly window?: Window;
  readonly run?: RunRef;
  readonly poll?: Poll;
}

/** The recipe's backoff, where an activity is not given the run's. */
const RECIPE_POLL: Poll = { initialMilliseconds: 60_000, maximumMilliseconds: 240_000 };

/** A sixth of the heartbeat timeout of the activities that move bytes. */
const BEAT_MILLISECONDS = 10_000;

/** One attempt of an activity, with what the attempts before left to it. */
export class Attempt {
  private memory: Memory;

  private constructor(private readonly args: AttemptArgs) {
    // Details may be missing, old or odd: then the attempt simply knows nothing.
    const details = memorySchema.safeParse(activityInfo().heartbeatDetails ?? {});
    this.memory = details.success ? details.data : memorySchema.parse({});
  }

  /** Aborted when the activity is cancelled, timed out or its worker shuts down. */
  get signal(): AbortSignal {
    return cancellationSignal();
  }

  /** The value that an earlier attempt, or this one, kept under a name; check it, it may be odd. */
  recall(name: string): unknown {
    return this.memory.own[name];
  }

  /** Keeps values for the next attempt and tells Temporal that this one is alive. */
  remember(own: Readonly<Record<string, unknown>>): void {
    this.memory = { ...this.memory, own: { ...this.memory.own, ...own } };
    heartbeat(this.memory);
  }

  /**
   * Heartbeats every few seconds while some long work goes on: bytes may come so slowly that the work itself has nothing to
   * tell for longer than the heartbeat timeout. Work that hangs ends by its own idle timeouts.
   */
  async beating<R>(work: () => Promise<R>): Promise<R> {
    const timer = setInterval(() => {
      heartbeat(this.memory);
    }, BEAT_MILLISECONDS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  /**
   * Runs an activity's work. Errors become what Temporal is to do about them: a failure for good of one of the contract's
   * types, or a benign one with the delay until the next attempt. Changes of what is waited for are told to the workflow.
   */
  static async run<R>(args: AttemptArgs, work: (attempt: Attempt) => Promise<R>): Promise<R> {
    const attempt = new Attempt(args);
    try {
      const result = await work(attempt);
      // What only the workflow itself shows ends with the stage; what the run shows as well must be taken back.
      if (attempt.memory.wait && shownByRun(attempt.memory.wait)) await attempt.tell(null);
      return result;
    } catch (error) {
      // What broke because the attempt was told to stop says nothing: the reason to stop does.
      if (attempt.signal.aborted) throw attempt.signal.reason;
      throw await attempt.failureOf(error);
    }
  }

  private async failureOf(error: unknown): Promise<ApplicationFailure> {
    const decision = decide(error, this.memory, this.args.poll ?? RECIPE_POLL, new Date(), Math.random);
    if (decision.kind === 'fail') return ApplicationFailure.nonRetryable(decision.message, decision.type);
    const { wait } = decision.memory;
    const before = this.memory.wait;
    this.memory = decision.memory;
    heartbeat(this.memory);
    if (wait && isNews(wait, before)) await this.tell(wait, before);
    return ApplicationFailure.create({
      message: decision.message,
      type: wait?.reason ?? 'transient',
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: decision.delayMilliseconds,
    });
  }

  /** Signals the activity's workflow, and the run of a window where its own view shows such waits. */
  private async tell(wait: Wait | null, before: Wait | undefined = this.memory.wait): Promise<void> {
    const { window, run } = this.args;
    const execution = activityInfo().workflowExecution;
    const concernsRun = (wait !== null && shownByRun(wait)) || (before !== undefined && shownByRun(before));
    await Promise.all([
      execution && signal(execution.workflowId, execution.runId, { wait }),
      run && window && concernsRun
        ? signal(run.workflowId, run.runId, { window: window.startAt, wait: wait && shownByRun(wait) ? wait : null })
        : undefined,
    ]);
  }
}

/** The ordinary waits for a job are seen in its window alone: telling the run of each would double its history. */
function shownByRun({ reason }: Wait): boolean {
  return reason !== 'jobQueued' && reason !== 'jobProcessing';
}

async function signal(
  workflowId: string,
  runId: string,
  change: { window?: string; wait: Wait | null },
): Promise<void> {
  try {
    await Context.current().client.workflow.getHandle(workflowId, runId).signal(waitChangedSignal, change);
  } catch (error) {
    // Only the view is late then; the work itself must not suffer from it.
    log.warn('Could not tell the workflow of a wait', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

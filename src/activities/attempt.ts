import { setMaxListeners } from 'node:events';
import { activityInfo, ApplicationFailure, cancellationSignal, Context, heartbeat, log } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { PlanRef, RunRef } from '../contract/activities.js';
import { readHeartbeat, type HeartbeatDetails } from '../contract/heartbeat.js';
import { type Poll, RECIPE_POLL } from '../contract/limits.js';
import { waitChangedSignal } from '../contract/messages.js';
import type { Wait } from '../contract/progress.js';
import { windowName, type Window } from '../contract/windows.js';
import { decide, isNews, RetryLater } from './retry-decision.js';

/** What the wrapper reads of an activity's arguments: the instance, whom to tell of waits, how to back off from a full queue. */
export interface AttemptArgs {
  readonly plan?: PlanRef;
  readonly window?: Window;
  readonly run?: RunRef;
  readonly poll?: Poll;
}

/**
 * How often an attempt says that it is alive, whatever it is waiting for: an answer may take a minute, bytes may come slowly.
 * With the answer comes the news that it is cancelled. Work that hangs ends by its own idle timeouts.
 */
const HEARTBEAT_MILLISECONDS = 5_000;

/** How often a worker of another instance looks whether the run is still given to it. */
const OTHER_INSTANCE_MILLISECONDS = 60_000;

/** One attempt of an activity, with what the attempts before left to it. */
export class Attempt {
  /** What earlier attempts and this one remembered. */
  details: HeartbeatDetails = readHeartbeat(activityInfo().heartbeatDetails);

  constructor() {
    // Every request under way listens, and S3 is asked for many things at once: Node would warn of a leak.
    setMaxListeners(0, cancellationSignal());
  }

  /** Aborted when the activity is cancelled, timed out or its worker shuts down. */
  get signal(): AbortSignal {
    return cancellationSignal();
  }

  /** Keeps values for the next attempt and tells Temporal that this one is alive. */
  remember(change: Partial<HeartbeatDetails>): void {
    this.details = { ...this.details, ...change };
    heartbeat(this.details);
  }
}

/**
 * Runs an activity's work. Errors become what Temporal is to do about them: a failure for good of one of the contract's
 * types, or a benign one with the delay until the next attempt. Changes of what is waited for are told to the workflow. A
 * worker of another Marketo instance than the plan's does nothing: the run waits for the right one.
 *
 * @param instance host of the worker's Marketo instance
 */
export async function runAttempt<R>(
  instance: string,
  args: AttemptArgs,
  work: (attempt: Attempt) => Promise<R>,
): Promise<R> {
  const attempt = new Attempt();
  // Each request under way listens to it, and there may be many at once: Node would take that for a leak and say so.
  setMaxListeners(0, attempt.signal);
  const timer = setInterval(() => {
    heartbeat(attempt.details);
  }, HEARTBEAT_MILLISECONDS);
  try {
    if (args.plan && args.plan.instance !== instance) throw otherInstance(args.plan.instance, instance);
    const result = await work(attempt);
    // What only the workflow itself shows ends with the stage; what the run shows as well must be taken back.
    const { wait } = attempt.details;
    if (wait && shownByRun(wait)) await signalWait(args, null, wait);
    return result;
  } catch (error) {
    // What broke because the attempt was told to stop says nothing: the reason to stop does.
    if (attempt.signal.aborted) throw attempt.signal.reason;
    throw await failureOf(error, attempt, args);
  } finally {
    clearInterval(timer);
  }
}

function otherInstance(planned: string, own: string): RetryLater {
  return new RetryLater(OTHER_INSTANCE_MILLISECONDS, {
    reason: 'otherInstance',
    message: `The run exports ${planned}, and the worker on its task queue is for ${own}: it goes on once a worker for ${planned} is there`,
  });
}

async function failureOf(error: unknown, attempt: Attempt, args: AttemptArgs): Promise<ApplicationFailure> {
  const before = attempt.details.wait;
  const decision = decide(error, attempt.details, args.poll ?? RECIPE_POLL, new Date(), Math.random);
  if (decision.unexpected) log.error('An error that was not foreseen', { stack: decision.unexpected });
  if (decision.kind === 'fail') return ApplicationFailure.nonRetryable(decision.message, decision.type);
  attempt.remember(decision.details);
  const { wait } = attempt.details;
  if (wait && isNews(wait, before)) await signalWait(args, wait, before);
  return ApplicationFailure.create({
    message: decision.message,
    type: wait?.reason ?? 'transient',
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: decision.delayMilliseconds,
  });
}

/** Signals the activity's workflow, and the run of a window where its own view shows such waits. */
async function signalWait({ window, run }: AttemptArgs, wait: Wait | null, before: Wait | undefined): Promise<void> {
  const execution = activityInfo().workflowExecution;
  const concernsRun = (wait !== null && shownByRun(wait)) || (before !== undefined && shownByRun(before));
  await Promise.all([
    execution && signal(execution, { wait }),
    run && window && concernsRun
      ? signal(run, { window: windowName(window), wait: wait && shownByRun(wait) ? wait : null })
      : undefined,
  ]);
}

/** The ordinary waits for a job are seen in its window alone: telling the run of each would double its history. */
function shownByRun({ reason }: Wait): boolean {
  return reason !== 'jobQueued' && reason !== 'jobProcessing';
}

async function signal(
  { workflowId, runId }: RunRef,
  change: { readonly window?: string; readonly wait: Wait | null },
): Promise<void> {
  try {
    await Context.current().client.workflow.getHandle(workflowId, runId).signal(waitChangedSignal, change);
  } catch (error) {
    // Only the view is late then; the work itself must not suffer from it.
    log.warn('Could not tell the workflow of a wait', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRef } from '../contract/activities.js';
import { isOpen, type Snapshot } from '../runs/snapshot.js';
import { EXIT, exitCodeOf, type ExitCode } from './exit.js';
import { readOutcome } from './read-outcome.js';
import { takeSnapshot } from './snapshot.js';
import { isOutage, type Temporal } from './temporal.js';
import type { Terminal } from './terminal.js';
import { runUrl } from './web-ui.js';
import { createView } from './views.js';

/** Between two looks at a run. */
const LOOK_MILLISECONDS = 2000;

/**
 * Shows a run until it has closed, or until Ctrl-C. An outage of Temporal or of the workers is said and waited out.
 *
 * @param options.existing whether the run was there before this command
 * @returns what the process should end with
 */
export async function follow(
  temporal: Temporal,
  terminal: Terminal,
  run: RunRef,
  options: { readonly existing: boolean; readonly json: boolean },
): Promise<ExitCode> {
  const { interrupted } = terminal;
  const view = createView(terminal, options.json);
  try {
    view.started(run, options.existing, await runUrl(terminal.env, temporal, run));
    let latest: Snapshot | undefined;
    let seenOpen = false;
    do {
      if (latest) await sleep(LOOK_MILLISECONDS, undefined, { signal: interrupted });
      latest = carryOver(latest, await look(temporal, run, latest, interrupted));
      // What is over is told by its outcome: when it happened, a look at it now does not say.
      if (seenOpen || isOpen(latest)) view.show(latest);
      seenOpen ||= isOpen(latest);
    } while (isOpen(latest));
    const outcome = await patiently(interrupted, () => readOutcome(temporal, run));
    view.ended(outcome, latest);
    return exitCodeOf(outcome);
  } catch (error) {
    if (!interrupted.aborted) throw error;
    view.detached(run);
    return EXIT.detached;
  } finally {
    view.close?.();
  }
}

/** What is not known just now is still as it was seen last. */
export function carryOver(before: Snapshot | undefined, now: Snapshot): Snapshot {
  if (!before) return now;
  const progress = now.progress ?? before.progress;
  const windows = now.progress
    ? Object.fromEntries(
        Object.entries(now.windows).map(([start, detail]) => [
          start,
          detail.progress ? detail : (before.windows[start] ?? detail),
        ]),
      )
    : before.windows;
  return { ...now, windows, ...(progress && { progress }) };
}

async function look(
  temporal: Temporal,
  run: RunRef,
  latest: Snapshot | undefined,
  interrupted: AbortSignal,
): Promise<Snapshot> {
  try {
    return await takeSnapshot(temporal, run, interrupted);
  } catch (error) {
    interrupted.throwIfAborted();
    if (!isOutage(error)) throw error;
    const unknown: Snapshot = { workflowId: run.workflowId, taskQueue: '', status: 'UNKNOWN', windows: {} };
    return {
      ...(latest ?? unknown),
      trouble: `Temporal at ${temporal.address} does not answer; trying again until it does.`,
    };
  }
}

/** Makes a call again for as long as Temporal does not answer. */
async function patiently<R>(interrupted: AbortSignal, work: () => Promise<R>): Promise<R> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error)) throw error;
      await sleep(LOOK_MILLISECONDS, undefined, { signal: interrupted });
    }
  }
}

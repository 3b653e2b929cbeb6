import {
  CancellationScope,
  condition,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  ParentClosePolicy,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CANCELLED } from '../contract/progress.js';
import type { PlanRef } from '../contract/activities.js';
import type { Poll } from '../contract/limits.js';
import { defined } from '../contract/defined.js';
import { stopsRun } from '../contract/failures.js';
import { EXTRACT_WINDOW, windowWorkflowId } from '../contract/names.js';
import { days } from '../text/format.js';
import type { ExtractWindowInput, ExtractWindowResult } from './extract-window.js';
import { rootOf } from '../contract/root-failure.js';
import type { RunState } from './run-state.js';
import type { WindowRecord } from './window-record.js';
import { failure } from './workflow-failure.js';

/**
 * Exports every pending window, each in a child workflow, with at most `state.concurrency` jobs at Marketo. Returns once
 * nothing is open and nothing more can be started: all windows are completed, or some failed. On cancellation it waits
 * until the open children have cleared up.
 *
 * @param changed is called after each change of the state
 */
export async function exportWindows(state: RunState, plan: PlanRef, poll: Poll, changed: () => void): Promise<void> {
  const open = new Set<Promise<void>>();
  try {
    while (state.unfinished()) {
      const share = state.shareWait(Date.now());
      // A share that is used up meanwhile, or is no more, changes until when to wait.
      const changes = (): boolean =>
        state.next(Date.now()) !== undefined ||
        !state.unfinished() ||
        state.shareWait(Date.now())?.until !== share?.until;
      if (share?.until === undefined) await condition(changes);
      else {
        changed();
        await condition(changes, Math.max(1000, Date.parse(share.until) - Date.now()));
      }
      const window = state.next(Date.now());
      if (!window) continue;
      window.state = 'exporting';
      changed();
      const child = exportWindow(window).finally(() => {
        open.delete(child);
        changed();
      });
      open.add(child);
    }
  } catch (error) {
    await CancellationScope.nonCancellable(() => Promise.allSettled(open));
    throw error;
  }

  async function exportWindow(window: WindowRecord): Promise<void> {
    try {
      const result = await runChild(window);
      window.jobs = result.jobs;
      window.lostCreates += result.lostCreates;
      if (result.outcome === 'redo') {
        log.warn('A file was bad; the window is exported again', { window: window.startAt, reason: result.reason });
        window.state = 'pending';
        return;
      }
      if (result.outcome === 'tooLarge') {
        if (!state.halve(window)) throw failure('WindowFailed', result.reason);
        log.warn('Marketo cannot make this window; it is exported in halves', { window: window.startAt });
        state.warn(
          `The window ${days(window)} was exported in halves, since Marketo could not make it: ${result.reason}`,
        );
        return;
      }
      state.completed(window, result.part, Date.now());
      for (const warning of result.part.warnings) state.warn(`${days(window)}: ${warning}`);
    } catch (error) {
      const { message, type } = rootOf(error);
      window.state = 'failed';
      window.reason = isCancellation(error) ? CANCELLED : message;
      window.failureType = type;
      if (stopsRun(type)) state.stopped = true;
      if (!isCancellation(error)) log.error('A window failed', { window: window.startAt, reason: message });
    } finally {
      delete window.wait;
    }
  }

  /** Starts the window's child; one left open by a terminated run is asked to cancel and waited for: 1 → 2 → 4 → 4 … min. */
  async function runChild(window: WindowRecord): Promise<ExtractWindowResult> {
    const workflowId = windowWorkflowId(workflowInfo().workflowId, window);
    const input: ExtractWindowInput = {
      plan,
      window: { startAt: window.startAt, endAt: window.endAt, ...defined({ updated: window.updated }) },
      poll,
      jobs: window.jobs,
      divisible: state.divisible(window),
    };
    for (let minutes = 1; ; minutes = Math.min(2 * minutes, 4)) {
      try {
        return await executeChild<(input: ExtractWindowInput) => Promise<ExtractWindowResult>>(EXTRACT_WINDOW, {
          workflowId,
          args: [input],
          parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
          staticSummary: days(window),
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        log.warn('A child of an earlier run is still open; it is asked to cancel', { window: window.startAt });
        // It may close by itself just now: then there is nothing left to cancel.
        await getExternalWorkflowHandle(workflowId)
          .cancel()
          .catch(() => undefined);
        await sleep(`${minutes} minutes`, { summary: 'a child of an earlier run is still open' });
      }
    }
  }
}

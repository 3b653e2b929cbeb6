import {
  condition,
  CancellationScope,
  isCancellation,
  log,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import type { PlanSummary } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import { isConcurrency, readInput, type ExtractInput, type ExtractRequest } from '../contract/input.js';
import { stopsRun } from '../contract/failures.js';
import { TAKE_OVER_DAYS } from '../contract/limits.js';
import {
  jobCompletedSignal,
  pauseSignal,
  progressQuery,
  readJobCompleted,
  readWaitChanged,
  readWarning,
  resumeSignal,
  retryWindowSignal,
  setConcurrencyUpdate,
  waitChangedSignal,
  warningSignal,
} from '../contract/messages.js';
import { MAX_UPDATE_WORKFLOW_ID_LENGTH, MAX_WORKFLOW_ID_LENGTH, SEARCH_ATTRIBUTES } from '../contract/names.js';
import type { ExtractStage } from '../contract/progress.js';
import type { ExtractResult } from '../contract/result.js';
import { windowName } from '../contract/windows.js';
import { abandonMerge, cleanUp, closeEarlierWindows, mergeParts, planExtract } from './activity-proxies.js';
import { showRun } from './details.js';
import { collectingGone } from './collecting-gone.js';
import { exportWindows } from './export-windows.js';
import { rootOf } from '../contract/root-failure.js';
import { failure, ownFailure } from './workflow-failure.js';
import { RunState } from './run-state.js';

const instanceKey = defineSearchAttributeKey(SEARCH_ATTRIBUTES[0], SearchAttributeType.KEYWORD);
const stageKey = defineSearchAttributeKey(SEARCH_ATTRIBUTES[1], SearchAttributeType.KEYWORD);

/**
 * Every lead created from the oldest possible date to the end of the range, as one deduplicated, verified object in S3:
 * plan → windows → merge → clean-up. The object appears whole or not at all.
 *
 * @throws ApplicationFailure of a type in docs/errors.md
 */
export async function extractLeads(input: ExtractInput): Promise<ExtractResult> {
  const request = setup(input);
  const state = new RunState(request);
  let plan: PlanSummary | undefined;
  const changed = (): void => {
    showRun(state.progress(Date.now()));
  };
  const enter = (stage: ExtractStage): void => {
    state.stage = stage;
    state.wait = undefined;
    if (plan?.searchAttributes === true) upsertSearchAttributes([{ key: stageKey, value: stage }]);
    changed();
  };
  handleMessages(state, changed);

  try {
    enter('planning');
    plan = await planExtract.executeWithOptions({ summary: 'oldest date, fields, bucket' }, [
      { ...request, endAtGiven: input.endAt !== undefined },
    ]);
    if (plan.searchAttributes) upsertSearchAttributes([{ key: instanceKey, value: plan.ref.instance }]);
    state.begin(plan, Date.now());
    await closeEarlierWindows.executeWithOptions({ summary: 'windows of earlier runs' }, [{ poll: request.poll }]);

    const { ref } = plan;
    await collectingGone(state, plan, async () => {
      enter('exporting');
      await exportWindows(state, ref, request.poll, changed);
      while (request.onWindowFailure === 'wait' && state.in('failed').length > 0) {
        enter('waiting for retryWindow');
        await condition(() => state.next(Date.now()) !== undefined || state.shareWait(Date.now()) !== undefined);
        enter('exporting');
        await exportWindows(state, ref, request.poll, changed);
      }
      failWithWindows(state);
      enter('merging');
    });
    const merged = await mergeParts.executeWithOptions({ summary: `${state.windows.length} windows` }, [
      {
        plan: plan.ref,
        destination: request.destination,
        destinationEtag: plan.destinationEtag,
        accountEtags: plan.accountEtags,
        contentType: request.contentType,
        tags: request.tags,
        warnings: state.warnings,
        lostCreates: state.windows.reduce((sum, window) => sum + window.lostCreates, 0),
        takenOver: state.in('taken over').map(windowName),
        halved: state.halved,
        keepChanges: request.keepChanges,
        ...defined({ minLeads: request.minLeads }),
      },
    ]);

    enter('cleaning up');
    const cleanUpArgs = { plan: plan.ref, keepParts: request.keepParts };
    // What is published is done: a cancellation that comes now must not leave half of it behind.
    await CancellationScope.nonCancellable(() => clearUp(() => cleanUp(cleanUpArgs)));
    enter('completed');
    return {
      destination: request.destination,
      manifest: merged.manifest,
      leads: merged.leads,
      duplicates: merged.duplicates,
      windows: state.windows.length,
      bytes: merged.bytes,
      startAt: plan.outputStartAt,
      endAt: plan.endAt,
      mode: plan.mode,
      ...defined({ fullBecause: plan.fullBecause, changes: merged.changes }),
    };
  } catch (error) {
    const merging = state.stage === 'merging';
    const pinned = plan?.ref;
    if (merging && pinned) await CancellationScope.nonCancellable(() => clearUp(() => abandonMerge({ plan: pinned })));
    enter(isCancellation(error) ? 'cancelled' : 'failed');
    throw isCancellation(error) ? error : ownFailure(error);
  }

  async function clearUp(activity: () => Promise<void>): Promise<void> {
    try {
      await activity();
    } catch (error) {
      const warning = `Could not clear up: ${rootOf(error).message}. The lifecycle rule of the bucket will.`;
      state.warn(warning);
      log.warn(warning);
    }
  }
}

/** Checks the input before anything else: a wrong one fails the workflow with every mistake named. */
function setup(input: unknown): ExtractRequest {
  const { workflowId, startTime } = workflowInfo();
  const reading = readInput(input, startTime.getTime());
  const problems = 'problems' in reading ? [...reading.problems] : [];
  const isUpdate = 'request' in reading && reading.request.mode === 'update';
  const longest = isUpdate ? MAX_UPDATE_WORKFLOW_ID_LENGTH : MAX_WORKFLOW_ID_LENGTH;
  if (workflowId.length > longest) {
    problems.push(`workflow id: got ${workflowId.length} characters; valid is at most ${longest}`);
  }
  if ('problems' in reading || problems.length > 0) throw failure('InvalidInput', problems.join('\n'));
  return reading.request;
}

function handleMessages(state: RunState, changed: () => void): void {
  setHandler(progressQuery, () => state.progress(Date.now()), {
    description: 'Stage, windows, leads, what it waits for and until when',
  });
  const pause = (paused: boolean): void => {
    state.paused = paused;
    changed();
  };
  setHandler(
    pauseSignal,
    () => {
      pause(true);
    },
    { description: 'Start no new window' },
  );
  setHandler(
    resumeSignal,
    () => {
      pause(false);
    },
    { description: 'End a pause' },
  );
  setHandler(
    retryWindowSignal,
    (startAt: unknown) => {
      if (!state.retry(startAt)) log.warn('retryWindow names no failed window');
      changed();
    },
    { description: 'Try a failed window again; takes its start, such as 2016-08-01T00:00:00Z' },
  );
  setHandler(
    setConcurrencyUpdate,
    (concurrency: number) => {
      state.concurrency = concurrency;
      changed();
      return concurrency;
    },
    {
      description: 'Export jobs at once, 1 to 10',
      validator: (concurrency: number) => {
        if (!isConcurrency(concurrency))
          throw failure('InvalidInput', 'setConcurrency takes a whole number from 1 to 10');
      },
    },
  );
  setHandler(waitChangedSignal, (message) => {
    const change = readWaitChanged(message);
    if (!change) {
      ignored('waitChanged');
      return;
    }
    state.waitChanged(change.window, change.wait);
    changed();
  });
  setHandler(jobCompletedSignal, (message) => {
    const job = readJobCompleted(message);
    if (!job) {
      ignored('jobCompleted');
      return;
    }
    state.jobCompleted(job, Date.now());
    changed();
  });
  setHandler(warningSignal, (message) => {
    const warning = readWarning(message);
    if (warning === undefined) {
      ignored('warning');
      return;
    }
    state.warn(warning);
    changed();
  });
}

/** Messages come from outside: one of another shape must not stop the run. */
function ignored(name: string): void {
  log.warn(`A message of another shape than ${name} was ignored`);
}

/**
 * Fails the run if any window failed: what is verified stays in S3 for the next run of the same workflow id. The failure is of
 * the type that stopped the run, if one did: what is to be done is told by that.
 */
function failWithWindows(state: RunState): void {
  const failed = state.in('failed');
  if (failed.length === 0) return;
  const reasons = failed.map(({ startAt, endAt, reason }) => `${startAt} to ${endAt}: ${reason ?? 'unknown'}`);
  const notStarted = state.in('pending').length;
  const stopping = failed.map(({ failureType = '' }) => failureType).find(stopsRun);
  throw failure(
    stopping ?? 'WindowsFailed',
    [
      `${failed.length} of ${state.windows.length} windows failed${notStarted > 0 ? `, ${notStarted} were not started` : ''}.`,
      ...reasons.slice(0, 20),
      ...(reasons.length > 20 ? [`… and ${reasons.length - 20} more`] : []),
      `The verified windows are kept for ${TAKE_OVER_DAYS} days: start again under the same workflow id and only the missing ones are exported.`,
    ].join('\n'),
  );
}

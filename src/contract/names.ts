import { windowName, type Window } from './windows.js';

/** Task queue that workers poll unless `TEMPORAL_TASK_QUEUE` names another. */
export const DEFAULT_TASK_QUEUE = 'marketo-lead-extract';

/** Workflow type of a whole run. */
export const EXTRACT_LEADS = 'extractLeads';

/** Workflow type of one window, a child of {@link EXTRACT_LEADS}. */
export const EXTRACT_WINDOW = 'extractWindow';

/** Search attributes of a run, both keywords: the instance's host and the stage. Set only where the namespace knows both. */
export const SEARCH_ATTRIBUTES = ['MarketoInstance', 'ExtractStage'] as const;

/**
 * Longest workflow id of a run, in characters. A child adds `/` and a 20-character window start, and Temporal's SQL
 * stores hold 255.
 */
export const MAX_WORKFLOW_ID_LENGTH = 230;

/** The same of a run that keeps an output current, whose children add `updated/` too. */
export const MAX_UPDATE_WORKFLOW_ID_LENGTH = 222;

/** What stands at the end of the id of a schedule whose full runs go with the updates of another. */
export const FULL_SUFFIX = '/full';

/** What Temporal appends to the id of each run of a schedule. */
const FIRING = /-\d{4}-\d\d-\d\dT[\d:]+Z$/;

/** The id that all runs of a schedule, and those of its pair, have in common; that of any other run is its own. */
export function familyOf(workflowId: string): string {
  const scheduleId = workflowId.replace(FIRING, '');
  return scheduleId.endsWith(FULL_SUFFIX) ? scheduleId.slice(0, -FULL_SUFFIX.length) : scheduleId;
}

/** Workflow id of a window's child: `<parent id>/<window start>`, of a window of changes `<parent id>/updated/<window start>`. */
export function windowWorkflowId(parentWorkflowId: string, window: Window): string {
  return `${parentWorkflowId}/${windowName(window)}`;
}

import type { RunRef } from '../contract/activities.js';

/** What a path stands for. */
export type Route =
  { readonly page: 'live' } | { readonly page: 'list' } | { readonly page: 'run' | 'report'; readonly run: RunRef };

const RUN_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The path of a run's page. */
export function runPath({ workflowId, runId }: RunRef): string {
  return `/runs/${encodeURIComponent(workflowId)}/${runId}`;
}

/** The path of the report of a run. */
export function reportPath(run: RunRef): string {
  return `${runPath(run)}/report`;
}

/** What a request asks for; `undefined` where that is nothing of ours. @param target path and query, as HTTP has them */
export function routeOf(target: string): Route | undefined {
  const [path = ''] = target.split('?');
  if (path === '/') return { page: 'list' };
  if (path === '/live') return { page: 'live' };
  const [, id = '', runId = '', report] = /^\/runs\/([^/]+)\/([^/]+)(\/report)?$/.exec(path) ?? [];
  const workflowId = decoded(id);
  if (workflowId === undefined || workflowId === '' || !RUN_ID.test(runId)) return undefined;
  return { page: report === undefined ? 'run' : 'report', run: { workflowId, runId } };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

import type { RunRef } from '../contract/activities.js';
import type { Temporal } from './temporal.js';

/** How long Temporal's dev server may take to answer where its Web UI is looked for. */
const LOOK_MILLISECONDS = 1000;

/**
 * The Web UI of a Temporal: where `TEMPORAL_UI_URL` says, of Temporal Cloud, or of a dev server on this machine, which has it
 * 1000 ports above its own (`temporal server start-dev --help`).
 *
 * @returns `undefined` where it is not known, or where nothing answers there
 */
export async function webUiUrl(
  env: NodeJS.ProcessEnv,
  { address }: Pick<Temporal, 'address'>,
): Promise<string | undefined> {
  const given = env['TEMPORAL_UI_URL'] ?? '';
  if (given !== '') return given.replace(/\/+$/, '');
  const { hostname, port } = new URL(`http://${address.replace(/^\w+:\/\//, '')}`);
  if (/\.(?:tmprl\.cloud|api\.temporal\.io)$/.test(hostname)) return 'https://cloud.temporal.io';
  if (!/^(?:localhost|127(?:\.\d+){3})$/.test(hostname)) return undefined;
  const url = `http://${hostname}:${Number(port === '' ? 7233 : port) + 1000}`;
  try {
    const { ok } = await fetch(url, { signal: AbortSignal.timeout(LOOK_MILLISECONDS) });
    return ok ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The page of a run in the Web UI; `undefined` where that is not known. */
export async function runUrl(
  env: NodeJS.ProcessEnv,
  temporal: Temporal,
  { workflowId, runId }: RunRef,
): Promise<string | undefined> {
  const url = await webUiUrl(env, temporal);
  const path = [temporal.namespace, 'workflows', workflowId, runId, 'history'].map(encodeURIComponent).join('/');
  return url === undefined ? undefined : `${url}/namespaces/${path}`;
}

import { join } from 'node:path';
import { ROOT } from '../../scripts/root.js';
import { isolatedEnvironment } from '../../scripts/servers/child.js';
import type { Server } from '../../scripts/servers/index.js';
import { onFreePorts } from '../../scripts/servers/ports.js';
import { startServer } from '../../scripts/servers/server.js';

/** An instance that serves prepared files; `env` holds `MARKETO_ENDPOINT` and the client's id and secret. */
export interface Instance extends Server {
  readonly url: string;
  /** Calls so far by the last part of their path. */
  calls(): Promise<Record<string, number>>;
}

/**
 * Serves a directory that `indexFiles` was called for.
 *
 * @param processingMilliseconds from a job's enqueueing to its end
 */
export async function startInstance(directory: string, processingMilliseconds = 0): Promise<Instance> {
  return onFreePorts(1, async ([port = 0]) => {
    const url = `http://127.0.0.1:${port}`;
    const options = {
      name: 'The instance',
      command: process.execPath,
      args: [
        join(ROOT, 'lib/bench/instance/main.js'),
        ...['--port', String(port), '--processing', String(processingMilliseconds), directory],
      ],
      env: isolatedEnvironment(),
      isReady: (log: string) => log.includes('"url"'),
      readySeconds: 30,
      graceSeconds: 5,
    };
    const env = { MARKETO_ENDPOINT: url, MARKETO_CLIENT_ID: 'bench', MARKETO_CLIENT_SECRET: 'bench' };
    const calls = async (): Promise<Record<string, number>> =>
      (await (await fetch(`${url}/calls`)).json()) as Record<string, number>;
    return startServer(options, { url, env, calls });
  });
}

// The processes of this project itself, as built into lib/.
import { join } from 'node:path';
import { ROOT } from '../root.js';
import { isolatedEnvironment } from './child.js';
import { onFreePorts } from './ports.js';
import { startServer, type Server } from './server.js';

/** The simulated Marketo instance; `env` holds `MARKETO_ENDPOINT` and the client's id and secret. */
export interface SimulatorServer extends Server {
  readonly url: string;
}

/** Starts the simulator with its command line options, such as `--leads 1000`. */
export async function startSimulatorProcess(args: readonly string[] = []): Promise<SimulatorServer> {
  return onFreePorts(1, async ([port = 0]) => {
    const url = `http://127.0.0.1:${port}`;
    const options = {
      name: 'The simulator',
      command: process.execPath,
      args: ['--enable-source-maps', join(ROOT, 'lib/simulator/main.js'), '--port', String(port), ...args],
      env: isolatedEnvironment(),
      isReady: (log: string) => log.includes('"url"'),
      readySeconds: 30,
      graceSeconds: 5,
    };
    const env = {
      MARKETO_ENDPOINT: url,
      MARKETO_CLIENT_ID: 'simulator-client',
      MARKETO_CLIENT_SECRET: 'simulator-secret',
    };
    return startServer(options, { url, env });
  });
}

/**
 * How a worker is run, in the image too: what has passed through a transfer is freed after 1 MiB instead of 16, and the C
 * library keeps two pools of freed memory instead of eight a core. Both cost no time beyond noise, and save some 80 MiB at the
 * peak (`npm run bench -- --only memory`).
 */
export const WORKER_FLAGS = ['--enable-source-maps', '--max-semi-space-size=1'] as const;
export const WORKER_MALLOC = { MALLOC_ARENA_MAX: '2' } as const;

/** Starts a worker that sees `env` and nothing of the user's own settings for Temporal, S3 or Marketo. */
export async function startWorker(env: Readonly<Record<string, string>>): Promise<Server> {
  const options = {
    name: 'The worker',
    command: process.execPath,
    args: [...WORKER_FLAGS, join(ROOT, 'lib/src/worker.js')],
    env: isolatedEnvironment({ ...WORKER_MALLOC, ...env }),
    isReady: (log: string) => log.includes('worker started'),
    readySeconds: 60,
    // More than the 30 s that a worker gives its activities.
    graceSeconds: 45,
  };
  return startServer(options, { env });
}

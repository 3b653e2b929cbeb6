// The processes of this project itself, as built into lib/.
import { join } from 'node:path';
import { WORKER_FLAGS, WORKER_MALLOC } from '../../src/cli/worker-process.js';
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

/** Starts a worker that sees `env` and nothing of the user's own settings for Temporal, S3 or Marketo. */
export async function startWorker(env: Readonly<Record<string, string>>): Promise<Server> {
  const options = {
    name: 'The worker',
    command: process.execPath,
    args: [...WORKER_FLAGS, join(ROOT, 'lib/src/starter.js'), 'worker'],
    env: isolatedEnvironment({ ...WORKER_MALLOC, ...env }),
    isReady: (log: string) => log.includes('worker started'),
    readySeconds: 60,
    // More than the 30 s that a worker gives its activities.
    graceSeconds: 45,
  };
  return startServer(options, { env });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, readConfig } from '../../config.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import { note, say, type Terminal } from '../terminal.js';
import type { PageServer } from '../../page/server.js';
import type { Child } from '../up/child.js';
import { startPage } from './serve.js';
import { findTemporal } from '../up/find-temporal.js';
import { lockState, startTemporal, startWorker, stateFiles, type StateFiles } from '../up/one-machine.js';
import { checkPort } from '../up/ports.js';

export interface UpOptions {
  readonly port: number;
  readonly uiPort?: number;
  readonly pagePort: number;
  readonly stateDirectory: string;
  readonly quiet?: true;
}

/** More than the 30 s that a worker gives its activities to end. */
const WORKER_GRACE_SECONDS = 45;
const TEMPORAL_GRACE_SECONDS = 10;

/** A worker that ends again within a minute is started again after 1, 2, 4, 8 and 16 s, then no more. */
const MAX_RESTARTS = 5;
const SETTLED_MILLISECONDS = 60_000;

/** Runs Temporal, a worker and the page on this machine until Ctrl-C. @throws CommandError where something cannot run */
export function up(options: UpOptions, terminal: Terminal): Promise<ExitCode> {
  const { port, uiPort = port + 1000, pagePort } = options;
  const env = environmentOf(terminal.env, port);
  const binary = findTemporal(terminal.env['PATH']);
  return terminal.runUntilStopped(async (stopped) => {
    await checkPort(port, 'Temporal', '--port');
    await checkPort(uiPort, "Temporal's Web UI", '--ui-port');
    await checkPort(pagePort, 'the page', '--page-port');
    const files = await stateFiles(options.stateDirectory);
    const unlock = await lockState(files);
    let temporal: Child | undefined;
    let page: PageServer | undefined;
    try {
      say(terminal, `Starting Temporal; its data are kept in ${files.database}`);
      temporal = await startTemporal(binary, { port, uiPort }, files, stopped);
      if (stopped.aborted) return EXIT.done;
      const webUi = `http://127.0.0.1:${uiPort}`;
      say(terminal, `Temporal runs. Web UI: ${webUi}`);
      page = await startPage(`127.0.0.1:${pagePort}`, {
        env: { ...env, TEMPORAL_UI_URL: webUi },
        command: terminal.command,
      });
      say(terminal, `The page of the runs: ${page.url}`);
      const ending = new AbortController();
      const working = keepWorking(env, files, terminal, AbortSignal.any([stopped, ending.signal]));
      const down = await Promise.race([temporal.ended, working.then(() => undefined)]);
      if (down === undefined) return EXIT.done;
      ending.abort();
      await working;
      throw new CommandError(
        `Temporal has ended by itself (${down}): all is stopped. Its output: ${files.temporalLog}`,
      );
    } finally {
      await page?.close();
      await temporal?.stop(TEMPORAL_GRACE_SECONDS);
      await unlock();
      if (stopped.aborted) say(terminal, `Stopped. Runs that are open go on with the next \`${terminal.command} up\`.`);
    }
  });
}

/** Keeps a worker running until all is stopped. @throws CommandError if it does not stay */
async function keepWorking(
  env: NodeJS.ProcessEnv,
  files: StateFiles,
  terminal: Terminal,
  stopped: AbortSignal,
): Promise<void> {
  let restarts = 0;
  let announced = false;
  while (!stopped.aborted) {
    const startedAt = Date.now();
    const worker = await startWorker(env, files, {
      started: () => {
        say(terminal, announced ? 'The worker runs again.' : readyText(env, terminal, files));
        announced = true;
      },
      trouble: (message) => {
        note(terminal, `Worker: ${message}`);
      },
    });
    const told = new Promise((resolve) => {
      stopped.addEventListener('abort', resolve);
    });
    const how = await Promise.race([worker.ended, told.then(() => undefined)]);
    if (how === undefined) {
      say(terminal, 'Stopping: the worker ends what it does, in half a minute at most.');
      await worker.stop(WORKER_GRACE_SECONDS);
      return;
    }
    restarts = Date.now() - startedAt < SETTLED_MILLISECONDS ? restarts + 1 : 1;
    if (restarts > MAX_RESTARTS) {
      throw new CommandError(
        `The worker ends each time it is started (${how}): all is stopped. Its log is ${files.workerLog}`,
      );
    }
    const seconds = 2 ** (restarts - 1);
    note(
      terminal,
      `The worker has ended by itself (${how}). It is started again in ${seconds} s; its log is ${files.workerLog}`,
    );
    await sleep(seconds * 1000, undefined, { signal: stopped }).catch(() => undefined);
  }
}

function readyText(env: NodeJS.ProcessEnv, { command, env: shell }: Terminal, { workerLog }: StateFiles): string {
  const address = env['TEMPORAL_ADDRESS'] ?? '';
  // Where nothing else is said, commands look at 7233.
  const known = address.endsWith(':7233') || (shell['TEMPORAL_ADDRESS'] ?? '') !== '';
  return [
    `The worker runs. Its log: ${workerLog}`,
    '',
    'Start a run in another terminal:',
    `  ${known ? '' : `TEMPORAL_ADDRESS=${address} `}${command} start --destination s3://bucket/leads.csv`,
    'Ctrl-C stops all; open runs go on with the next `up`.',
  ].join('\n');
}

/** The worker's environment. @throws CommandError where it is not complete, or names another Temporal */
function environmentOf(env: NodeJS.ProcessEnv, port: number): NodeJS.ProcessEnv {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(error.message);
    throw error;
  }
  const other = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_API_KEY'].find((name) => (env[name] ?? '') !== '');
  const address = `127.0.0.1:${port}`;
  const local = [address, `localhost:${port}`];
  if (other !== undefined && !local.includes(env['TEMPORAL_ADDRESS'] ?? '')) {
    throw new CommandError(
      `${other} names a Temporal of your own, and \`up\` starts another one. Take it out, or run \`worker\` in place of \`up\`.`,
    );
  }
  return { ...env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: env['TEMPORAL_NAMESPACE'] ?? 'default' };
}

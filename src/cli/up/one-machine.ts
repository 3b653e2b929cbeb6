import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SEARCH_ATTRIBUTES } from '../../contract/names.js';
import { CommandError } from '../exit.js';
import { workerArguments, WORKER_MALLOC } from '../worker-process.js';
import { startChild, type Child } from './child.js';

/** Of Temporal's dev server, whose own default is a day. */
const RETENTION_DAYS = 30;

const READY_SECONDS = 60;

/** The files of `up`. */
export interface StateFiles {
  readonly database: string;
  readonly temporalLog: string;
  readonly workerLog: string;
  /** Holds the process id of the `up` that uses the directory. */
  readonly lock: string;
}

/** Makes the directory where `up` keeps everything, readable for its owner alone: workflow histories are in it. */
export async function stateFiles(directory: string): Promise<StateFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Of no use to a repository that it may lie in.
  await writeFile(join(directory, '.gitignore'), '*\n');
  const file = (name: string): string => join(directory, name);
  return {
    database: file('temporal.db'),
    temporalLog: file('temporal.log'),
    workerLog: file('worker.log'),
    lock: file('up.pid'),
  };
}

/**
 * Keeps a second `up` off the same database.
 *
 * @returns gives it free
 * @throws CommandError naming the process that uses it
 */
export async function lockState({ lock }: StateFiles): Promise<() => Promise<void>> {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (pid > 0 && pid !== process.pid && isAlive(pid)) {
    throw new CommandError(`Another \`up\`, the process ${pid}, is running here. If it is not one, delete ${lock}.`);
  }
  await writeFile(lock, String(process.pid));
  return () => rm(lock, { force: true });
}

/**
 * Starts Temporal's dev server on a database file, and waits until it answers.
 *
 * @throws CommandError with the last lines of its output
 */
export async function startTemporal(
  binary: string,
  ports: { readonly port: number; readonly uiPort: number },
  files: StateFiles,
  stopped: AbortSignal,
): Promise<Child> {
  const lines: string[] = [];
  const child = await startChild({
    command: binary,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(ports.port), '--ui-port', String(ports.uiPort)],
      ...['--db-filename', files.database, '--log-level', 'error'],
      ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ],
    env: process.env,
    logFile: files.temporalLog,
    onLine: (line) => lines.push(line),
  });
  const deadline = Date.now() + READY_SECONDS * 1000;
  while (!(await hasRetention(binary, ports.port))) {
    if (stopped.aborted) return child;
    if (!child.isRunning() || Date.now() > deadline) {
      await child.stop(0);
      const told = [...lines.slice(-10), `Its whole output is in ${files.temporalLog}`].join('\n  ');
      throw new CommandError(`Temporal does not start:\n  ${told}`);
    }
    await sleep(200);
  }
  return child;
}

/** Sets how long closed runs are known; false as long as the server does not answer. */
async function hasRetention(binary: string, port: number): Promise<boolean> {
  const args = ['operator', 'namespace', 'update', '--namespace', 'default', '--retention', `${RETENTION_DAYS}d`];
  const client = [
    '--address',
    `127.0.0.1:${port}`,
    '--command-timeout',
    '5s',
    '--disable-config-file',
    '--disable-config-env',
  ];
  try {
    await promisify(execFile)(binary, [...args, ...client]);
    return true;
  } catch {
    return false;
  }
}

/** Starts a worker of that Temporal. What it logs of trouble, and that it has started, is handed on. */
export async function startWorker(
  env: NodeJS.ProcessEnv,
  files: StateFiles,
  on: { readonly started: () => void; readonly trouble: (message: string) => void },
): Promise<Child> {
  await appendFile(files.workerLog, '', { mode: 0o600 });
  return startChild({
    command: process.execPath,
    args: workerArguments(),
    env: { ...WORKER_MALLOC, ...env },
    logFile: files.workerLog,
    onLine: (line) => {
      const { level, message } = readLogLine(line);
      if (message === 'worker started') on.started();
      if (level === 'WARN' || level === 'ERROR') on.trouble(message);
    },
  });
}

/** A line of the worker's log; what is no JSON, such as why it stopped, is trouble. */
function readLogLine(line: string): { readonly level: string; readonly message: string } {
  try {
    const { level, message } = JSON.parse(line) as { level?: string; message?: string };
    return { level: level ?? 'INFO', message: message ?? '' };
  } catch {
    return { level: 'ERROR', message: line };
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

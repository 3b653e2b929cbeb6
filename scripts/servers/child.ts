import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How much of a child's output is kept to be shown when it fails. */
const LOG_LINES = 200;

/** What to run, and how to know that it is ready. */
export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Asked every 200 ms with the output so far; throwing counts as not ready yet. */
  readonly isReady: (log: string) => boolean | Promise<boolean>;
  readonly readySeconds: number;
  /** Time between SIGTERM and SIGKILL in {@link Child.stop}. */
  readonly graceSeconds: number;
  /** Files and directories to remove should this process die without stopping the child, which itself leaves them alone. */
  readonly scratch?: readonly string[];
}

/** A process that is ready for use and that does not outlive this one. */
export interface Child {
  readonly pid: number;
  /** Last lines of stdout and stderr. */
  log(): string;
  isRunning(): boolean;
  /** Sends a signal to the child and its own children. */
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL after the grace; resolves when the child has ended. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would be; resolves when the child has ended. */
  kill(): Promise<void>;
}

/**
 * Starts a process and waits until it is ready.
 *
 * @throws Error with the last lines of its output when it ends or is not ready in time; it is killed then
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, command, args, env } = options;
  // A process group of its own: signals reach whatever it starts, and Ctrl-C in the terminal only this process.
  const running = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = keepLines(running);
  const ended = once(running, 'close').catch(() => undefined);
  await once(running, 'spawn');
  const release = putOnLeash(running.pid ?? 0, options.scratch);
  void ended.then(release);
  const child = toChild(running, ended, lines, options.graceSeconds);
  const deadline = Date.now() + options.readySeconds * 1000;
  let reason = '';
  const isReady = async (): Promise<boolean> => {
    try {
      return await options.isReady(child.log());
    } catch (error) {
      reason = `${String(error)}\n`;
      return false;
    }
  };
  while (!(await isReady())) {
    const late = Date.now() > deadline;
    if (child.isRunning() && !late) {
      await Promise.race([sleep(200), ended]);
      continue;
    }
    await child.kill();
    const what = late ? `was not ready within ${options.readySeconds} s` : 'ended before it was ready';
    throw new Error(`${name} ${what}. ${reason}Its last output:\n${child.log()}`);
  }
  return child;
}

/**
 * The environment without anything that steers a client of Temporal, S3 or Marketo, nor configuration files of theirs in
 * the home directory: what is started here reaches only what is started here, whatever the user's shell is set up for.
 */
export function isolatedEnvironment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([key]) => !/^(?:AWS|S3|TEMPORAL|MARKETO|METRICS|HEALTH|OTEL|WEED)_/.test(key),
  );
  return {
    ...Object.fromEntries(own),
    // An empty file makes the SDK stumble; one that is not there is none.
    TEMPORAL_CONFIG_FILE: '/no/such/file',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    // No `.env` of the checkout.
    MARKETO_ENV_FILE: '/dev/null',
    ...added,
  };
}

function toChild(
  running: ChildProcess,
  ended: Promise<unknown>,
  lines: readonly string[],
  graceSeconds: number,
): Child {
  const pid = running.pid ?? 0;
  const isRunning = (): boolean => running.exitCode === null && running.signalCode === null;
  const signal = (name: NodeJS.Signals): void => {
    if (isRunning()) process.kill(-pid, name);
  };
  const kill = async (): Promise<void> => {
    signal('SIGKILL');
    await ended;
  };
  return {
    pid,
    log: () => lines.join('\n'),
    isRunning,
    signal,
    kill,
    stop: async () => {
      signal('SIGTERM');
      const stillRunning = new AbortController();
      await Promise.race([ended, sleep(graceSeconds * 1000, undefined, { signal: stillRunning.signal })]);
      stillRunning.abort();
      await kill();
    },
  };
}

/**
 * A process whose stdin is ours: it ends when this process does, however that happens, and takes the child and its
 * scratch files with it. Exit handlers would not run on SIGKILL.
 *
 * @returns lets the child go, without harm to it
 */
function putOnLeash(pid: number, scratch: readonly string[] = []): () => void {
  const script = 'cat >/dev/null; kill -s KILL -- "-$1" 2>/dev/null; shift; rm -rf -- "$@"';
  const leash = spawn('sh', ['-c', script, 'leash', String(pid), ...scratch], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  leash.unref();
  if (leash.stdin instanceof Socket) leash.stdin.unref();
  return () => {
    if (leash.pid !== undefined && leash.exitCode === null) process.kill(-leash.pid, 'SIGKILL');
  };
}

function keepLines(child: ChildProcess): readonly string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      lines.splice(0, Math.max(0, lines.length - LOG_LINES));
    });
    stream?.on('end', () => {
      if (rest !== '') lines.push(rest);
    });
  }
  return lines;
}

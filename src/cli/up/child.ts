import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** What to run. */
export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Its output is appended here. */
  readonly logFile: string;
  /** Told each line of its output. */
  readonly onLine?: (line: string) => void;
}

/** A process that ends with this one, but that Ctrl-C does not reach: it is stopped in order. */
export interface Child {
  readonly pid: number;
  /** Resolves when it has ended, with how: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  /** SIGTERM, and SIGKILL after the grace; resolves when it has ended. */
  stop(graceSeconds: number): Promise<void>;
}

/** @throws the error of the system where it cannot be started */
export async function startChild({ command, args, env, logFile, onLine }: ChildOptions): Promise<Child> {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', 'ipc'];
  // A process group of its own: Ctrl-C in the terminal is for this process alone.
  const running = spawn(command, args, { env, detached: true, stdio });
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  for (const stream of [running.stdout, running.stderr]) {
    if (!stream) continue;
    stream.pipe(log, { end: false });
    if (onLine) createInterface({ input: stream }).on('line', onLine);
  }
  const closed = once(running, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const ended = closed.then(([code, signal]) => {
    process.off('exit', killNow);
    log.end();
    return signal ?? `exit code ${code ?? 'unknown'}`;
  });
  const killNow = (): void => {
    running.kill('SIGKILL');
  };
  process.on('exit', killNow);
  const isRunning = (): boolean => running.exitCode === null && running.signalCode === null;
  await Promise.race([once(running, 'spawn'), closed]);
  return {
    pid: running.pid ?? 0,
    ended,
    isRunning,
    stop: async (graceSeconds) => {
      const stopped = new AbortController();
      if (isRunning()) running.kill('SIGTERM');
      const late = sleep(graceSeconds * 1000, undefined, { signal: stopped.signal }).then(killNow, () => undefined);
      await Promise.race([ended, late.then(() => ended)]);
      stopped.abort();
    },
  };
}

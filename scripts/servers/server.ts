import { rm } from 'node:fs/promises';
import { startChild, type Child, type ChildOptions } from './child.js';

/** A running server. */
export interface Server {
  /** What a client of it needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Changes with a restart. */
  readonly pid: number;
  /** Last lines of its output. */
  log(): string;
  /** Sends a signal, such as SIGSTOP, and does not wait. */
  signal(name: NodeJS.Signals): void;
  /** Ends it as a crash would. Its data and its ports stay for {@link Server.restart}. */
  kill(): Promise<void>;
  /** Starts it again on the same ports with the same data, killing it first where it still runs. */
  restart(): Promise<void>;
  /** Ends it in order and removes its data. */
  stop(): Promise<void>;
}

/** Starts a child that can be started again, and adds to it what is particular to the server. */
export async function startServer<Own extends Pick<Server, 'env'>>(
  options: ChildOptions,
  own: Own,
): Promise<Server & Own> {
  const removeScratch = async (): Promise<void> => {
    for (const path of options.scratch ?? []) await rm(path, { recursive: true, force: true });
  };
  let child: Child;
  try {
    child = await startChild(options);
  } catch (error) {
    await removeScratch();
    throw error;
  }
  const server: Omit<Server, 'env'> = {
    get pid() {
      return child.pid;
    },
    log: () => child.log(),
    signal: (name) => {
      child.signal(name);
    },
    kill: () => child.kill(),
    restart: async () => {
      await child.kill();
      child = await startChild(options);
    },
    stop: async () => {
      await child.stop();
      await removeScratch();
    },
  };
  // Not spread: that would freeze the pid.
  return Object.assign(server, own);
}

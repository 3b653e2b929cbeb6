#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandName } from './cli/command-name.js';
import { EXIT, type ExitCode } from './cli/exit.js';
import { run } from './cli/program.js';
import { isWorkerProcess, workerArguments, WORKER_MALLOC } from './cli/worker-process.js';
import { readEnvironmentFiles } from './environment-files.js';

/** After Ctrl-C, a command has this long to end by itself. */
const GRACE_MILLISECONDS = 2000;

// Which Node.js runs this is the package's choice, not the user's mistake.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const interruption = new AbortController();
const interrupt = (): void => {
  if (interruption.signal.aborted) process.exit(EXIT.detached);
  interruption.abort();
  setTimeout(() => process.exit(EXIT.detached), GRACE_MILLISECONDS).unref();
};
process.on('SIGINT', interrupt);
// Whoever read the output has enough of it, such as `head`.
const readerLeft = (): void => process.exit(EXIT.done);
process.stdout.on('error', readerLeft);

try {
  Object.assign(process.env, readEnvironmentFiles(process.env, process.cwd()));
  process.exitCode = await run(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    command: commandName({ env: process.env, program: process.argv[1] ?? '', directory: process.cwd() }),
    interrupted: interruption.signal,
    runUntilStopped,
    runWorker,
  });
} catch (error) {
  // `run` tells all that goes wrong in it: what comes here is a file of the environment.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = EXIT.failed;
}

/** Lets a command end in its own time after SIGINT or SIGTERM. */
async function runUntilStopped(work: (stopped: AbortSignal) => Promise<ExitCode>): Promise<ExitCode> {
  const stop = new AbortController();
  process.off('SIGINT', interrupt);
  process.stdout.off('error', readerLeft);
  process.stdout.on('error', () => {
    stop.abort();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stop.abort();
    });
  }
  return work(stop.signal);
}

/** Runs a worker until it is told to stop, in this process where Node was started as a worker needs it. */
function runWorker(): Promise<ExitCode> {
  return runUntilStopped(async (stopped) => {
    if (isWorkerProcess(process.execArgv)) {
      // Without whoever started it, nobody would ever stop it.
      process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
      // Node keeps a process alive for such a listener.
      process.channel?.unref();
      const { work } = await import('./worker.js');
      return work(stopped);
    }
    const child = spawn(process.execPath, workerArguments(), {
      env: { ...WORKER_MALLOC, ...process.env },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      // Ctrl-C reaches this process alone, which hands it on.
      detached: true,
    });
    stopped.addEventListener('abort', () => child.kill('SIGTERM'));
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0 ? EXIT.done : EXIT.failed;
  });
}

import { fileURLToPath } from 'node:url';

/**
 * How Node runs a worker, in the image too: what has passed through a transfer is freed after 1 MiB instead of 16. It costs no
 * time beyond noise, and saves most of 80 MiB at the peak (`npm run bench -- --only memory`). Node takes it at its start only.
 */
export const WORKER_FLAGS = ['--enable-source-maps', '--max-semi-space-size=1'] as const;

/** The C library keeps two pools of freed memory instead of eight a core: the rest of the 80 MiB. */
export const WORKER_MALLOC = { MALLOC_ARENA_MAX: '2' } as const;

/** Arguments with which Node runs a worker. */
export function workerArguments(): string[] {
  return [...WORKER_FLAGS, fileURLToPath(new URL('../starter.js', import.meta.url)), 'worker'];
}

/** Whether this process was started as a worker is. */
export function isWorkerProcess(execArgv: readonly string[]): boolean {
  return WORKER_FLAGS.every((flag) => execArgv.includes(flag));
}

import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MILLISECONDS = 2_000;
/** A holder that has missed so many beats was killed. */
const STALE_MILLISECONDS = 30_000;

/**
 * Runs `work` while no other process runs under the same lock. The lock is a directory, which only one process can
 * create; its holder touches it every 2 seconds, and one untouched for 30 seconds is taken away from a dead holder.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, work) {
  await acquire(path);
  const release = () => {
    rmSync(path, { recursive: true, force: true });
  };
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MILLISECONDS);
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.removeListener('exit', release);
    release();
  }
}

/** @param {string} path */
async function acquire(path) {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    try {
      await mkdir(path);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const held = await stat(path).catch(() => undefined);
    if (held && Date.now() - held.mtimeMs > STALE_MILLISECONDS) await takeAway(path);
    else await sleep(200);
  }
}

/** Renamed before it is removed: of two processes that find the lock stale, one gets it. @param {string} path */
async function takeAway(path) {
  const aside = `${path}.stale-${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}

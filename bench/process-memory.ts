import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Memory of a process as the operating system counts it (Linux: proc(5), status). */
export interface ProcessMemory {
  /** Resident now, bytes. */
  readonly residentBytes: number;
  /** Most that was ever resident, bytes. */
  readonly peakBytes: number;
}

/** @throws Error where there is no such process, or no `/proc` */
export async function processMemory(pid: number): Promise<ProcessMemory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number => {
    const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    if (kibibytes === undefined) throw new Error(`The system tells no ${name} of process ${pid}`);
    return Number(kibibytes) * 1024;
  };
  return { residentBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') };
}

const LOOK_MILLISECONDS = 50;

/** Most memory, in bytes, that a process of a worker's that makes Parquet or reads it back ever had; looked at until the signal is aborted. */
export async function peakOfConverter(worker: number, signal: AbortSignal): Promise<number> {
  let peak = 0;
  while (!signal.aborted) {
    for (const pid of await descendants(worker)) {
      // It may have ended meanwhile.
      const [command, memory] = await Promise.all([commandOf(pid), processMemory(pid).catch(() => undefined)]);
      if (/parquet\/(?:reader-)?child\.js/.test(command)) peak = Math.max(peak, memory?.peakBytes ?? 0);
    }
    await sleep(LOOK_MILLISECONDS);
  }
  return peak;
}

async function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

async function descendants(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

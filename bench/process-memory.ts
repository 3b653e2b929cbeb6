import { readFile } from 'node:fs/promises';

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

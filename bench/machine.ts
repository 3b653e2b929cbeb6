import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** What a number was measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
}

/** This machine. */
export function machine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${/^\d+\.\d+/.exec(release())?.[0] ?? release()}`,
    node: process.version,
  };
}

/** The machine as one line for people. */
export function machineLine({ processor, cores, memoryBytes, system, node }: Machine): string {
  return `${processor}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, ${system}, Node ${node}`;
}

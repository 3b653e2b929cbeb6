import type { Server } from '../scripts/servers/index.js';

/** A number, a word, or nothing where a contender has none. */
export type Cell = number | string | null;

/** Medians, one row a contender or a size. Numbers are raw; a column's name holds their unit. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A ratio or count that must not be missed. */
export interface Gate {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly kind: 'at least' | 'at most';
}

/** What a benchmark found. */
export interface Outcome {
  readonly tables: readonly Table[];
  readonly gates: readonly Gate[];
  /** How it was measured, a sentence each. */
  readonly notes: readonly string[];
}

/** What a benchmark is given to work with. */
export interface Bench {
  /** Sizes and numbers of runs as small as they can be: shows that the benchmark runs, measures nothing. */
  readonly quick: boolean;
  /** A directory that is removed afterwards. */
  readonly scratch: string;
  /** Waits for a server to start and has it stopped afterwards, whatever happens. */
  readonly keep: <T extends Pick<Server, 'stop'>>(starting: Promise<T>) => Promise<T>;
  /** Tells how far it is. */
  readonly say: (line: string) => void;
}

export interface Benchmark {
  readonly name: string;
  readonly run: (bench: Bench) => Promise<Outcome>;
}

/** Whether a gate is met. */
export function isMet({ value, limit, kind }: Gate): boolean {
  return kind === 'at least' ? value >= limit : value <= limit;
}

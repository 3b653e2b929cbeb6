/** Something to be measured against others; each run starts from the same state. */
export interface Contender {
  readonly name: string;
  /** Returns what is compared: seconds unless the benchmark says otherwise. */
  readonly run: () => Promise<number>;
}

/**
 * Runs contenders in turn, A B C A B C …, so that whatever disturbs the machine disturbs all of them; each is run once
 * before, unmeasured.
 *
 * @returns the results of each contender by name, in the order of its runs
 */
export async function interleave(
  contenders: readonly Contender[],
  runs: number,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const results = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= runs; round++) {
    for (const { name, run } of contenders) {
      const result = await run();
      if (round > 0) results.get(name)?.push(result);
      say(`${round === 0 ? 'warm-up' : `run ${round}/${runs}`}  ${name}  ${result.toFixed(3)}`);
    }
  }
  return results;
}

/** Wall-clock seconds that something takes. */
export async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The middle value, or the mean of the middle two. @throws RangeError for no value at all */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (low === undefined || high === undefined) throw new RangeError('There is no median of nothing');
  return (low + high) / 2;
}

/**
 * Median of the ratios of runs that stood side by side: what slows the machine for a while slows both, and cancels out.
 */
export function medianRatio(above: readonly number[], below: readonly number[]): number {
  return median(above.map((value, run) => value / (below[run] ?? NaN)));
}

/** The runs of a contender. @throws Error if there is none of that name */
export function runsOf(results: ReadonlyMap<string, readonly number[]>, name: string): readonly number[] {
  const runs = results.get(name);
  if (!runs) throw new Error(`${name} was not measured`);
  return runs;
}

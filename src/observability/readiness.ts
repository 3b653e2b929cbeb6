import { setTimeout as sleep } from 'node:timers/promises';
import { troubleOf } from './trouble.js';

/** What a worker cannot work without, beside Temporal. */
export type DependencyName = 'marketo' | 's3';

/** How to see whether a dependency can be used: rejects with what is wrong. */
export type DependencyCheck = (signal: AbortSignal) => Promise<void>;

export interface ReadinessOptions {
  readonly checks: Readonly<Record<DependencyName, DependencyCheck>>;
  /** Told of the first outcome for a dependency and of each that differs from the one before: a sentence, or `undefined` where all is right. */
  readonly onChange: (dependency: DependencyName, trouble: string | undefined) => void;
  /** Waits; resolves early once aborted. For tests. */
  readonly pause?: (seconds: number, signal: AbortSignal) => Promise<void>;
}

/** While something is wrong: soon enough for somebody who mends it and looks. */
const TROUBLED_SECONDS = 120;

/** Once all is right. A token of Marketo lives an hour, and is only asked for when it has ended; runs tell of the rest. */
const RIGHT_SECONDS = 3600;

const NAMES: Readonly<Record<DependencyName, string>> = { marketo: 'Marketo', s3: 'S3' };

/** Knows whether Marketo and S3 can be used, by looking at the start and again from time to time. */
export class Readiness {
  private readonly troubles = new Map<DependencyName, string | undefined>();

  constructor(private readonly options: ReadinessOptions) {}

  /** What is wrong, in sentences; `undefined` where all is right. What was not looked at yet is not right. */
  get trouble(): string | undefined {
    const troubles = dependencyNames(this.options).map((name) =>
      this.troubles.has(name) ? this.troubles.get(name) : `${NAMES[name]} is being looked at.`,
    );
    return troubles.filter((trouble) => trouble !== undefined).join(' ') || undefined;
  }

  /** Looks at all dependencies until it is told to stop. */
  async watch(signal: AbortSignal): Promise<void> {
    await Promise.all(dependencyNames(this.options).map((name) => this.watchOne(name, signal)));
  }

  private async watchOne(name: DependencyName, signal: AbortSignal): Promise<void> {
    const { checks, pause = pauseByClock } = this.options;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      const trouble = await troubleWith(name, checks[name], signal);
      // What ends because the worker stops says nothing.
      if (stopped()) return;
      this.note(name, trouble);
      await pause(trouble === undefined ? RIGHT_SECONDS : TROUBLED_SECONDS, signal);
    }
  }

  private note(name: DependencyName, trouble: string | undefined): void {
    const isNews = !this.troubles.has(name) || this.troubles.get(name) !== trouble;
    this.troubles.set(name, trouble);
    if (isNews) this.options.onChange(name, trouble);
  }
}

function dependencyNames({ checks }: ReadinessOptions): DependencyName[] {
  return Object.keys(checks) as DependencyName[];
}

async function troubleWith(
  name: DependencyName,
  check: DependencyCheck,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    await check(signal);
    return undefined;
  } catch (error) {
    // Of an error that nobody foresaw the message may hold anything.
    return troubleOf(error) ?? `${NAMES[name]} cannot be checked: ${error instanceof Error ? error.name : 'unknown'}.`;
  }
}

async function pauseByClock(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
}

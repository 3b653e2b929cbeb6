import { describe, expect, it } from '@jest/globals';
import { MarketoError } from '../../src/marketo/marketo-errors.js';
import { Readiness, type DependencyName } from '../../src/observability/readiness.js';

const REFUSED = 'Marketo HTTP 401 (identity): Client id or client secret refused';

/** What a check comes to, one time after the other: nothing, or an error. The last one holds on. */
type Outcomes = readonly (Error | undefined)[];

interface Watched {
  readonly told: [DependencyName, string | undefined][];
  /** Seconds between the looks at a dependency. */
  readonly pauses: number[];
  readonly readiness: Readiness;
}

/** Watches until each check was made so often. */
async function watch(marketo: Outcomes, s3: Outcomes = [undefined], looks = marketo.length): Promise<Watched> {
  const told: Watched['told'] = [];
  const pauses: number[] = [];
  const enough = new AbortController();
  let looked = 0;
  const check = (outcomes: Outcomes) => {
    let next = 0;
    return (): Promise<void> => {
      const outcome = outcomes[Math.min(next++, outcomes.length - 1)];
      return outcome ? Promise.reject(outcome) : Promise.resolve();
    };
  };
  const readiness = new Readiness({
    checks: { marketo: check(marketo), s3: check(s3) },
    onChange: (...news) => told.push(news),
    pause: (seconds) => {
      pauses.push(seconds);
      if (++looked >= looks * 2) enough.abort();
      return Promise.resolve();
    },
  });
  expect(readiness.trouble).toBe('Marketo is being looked at. S3 is being looked at.');
  await readiness.watch(enough.signal);
  return { told, pauses, readiness };
}

const refused = (): MarketoError => new MarketoError('HTTP 401', { endpoint: 'identity' });

describe('the readiness of a worker', () => {
  it('is there once Marketo and S3 were looked at and nothing is wrong', async () => {
    const { told, readiness } = await watch([undefined]);
    expect(readiness.trouble).toBeUndefined();
    expect(told).toEqual([
      ['marketo', undefined],
      ['s3', undefined],
    ]);
  });

  it('is missing while one of them cannot be used, with a sentence on what to do', async () => {
    const { readiness } = await watch([refused()]);
    expect(readiness.trouble).toContain(REFUSED);
    expect(readiness.trouble).toContain('MARKETO_CLIENT_SECRET');
  });

  it('comes by itself when what was wrong is right again, and each change is told once', async () => {
    const { told, readiness } = await watch([refused(), refused(), undefined, undefined]);
    expect(readiness.trouble).toBeUndefined();
    expect(told.filter(([dependency]) => dependency === 'marketo')).toEqual([
      ['marketo', expect.stringContaining(REFUSED)],
      ['marketo', undefined],
    ]);
  });

  it('tells a reason that differs from the one before', async () => {
    const { told } = await watch([refused(), new MarketoError('NETWORK', { endpoint: 'identity' })]);
    const reasons = told.flatMap(([dependency, trouble]) => (dependency === 'marketo' ? [trouble] : []));
    expect(reasons).toEqual([expect.stringContaining(REFUSED), expect.stringContaining('See that MARKETO_ENDPOINT')]);
  });

  it('is looked at every few minutes while something is wrong, and once an hour after', async () => {
    const [wrong, right] = [(await watch([refused()], [refused()])).pauses, (await watch([undefined])).pauses];
    expect(wrong).toEqual([120, 120]);
    expect(right).toEqual([3600, 3600]);
  });

  it('shows nothing of an error that nobody foresaw', async () => {
    const { readiness } = await watch([new TypeError('secret')]);
    expect(readiness.trouble).toBe('Marketo cannot be checked: TypeError.');
  });

  it('says nothing of a check that ends because the worker stops', async () => {
    const stopped = new AbortController();
    const told: unknown[] = [];
    const never = (signal: AbortSignal): Promise<void> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(refused());
        });
      });
    const readiness = new Readiness({ checks: { marketo: never, s3: never }, onChange: (...news) => told.push(news) });
    const watching = readiness.watch(stopped.signal);
    stopped.abort();
    await watching;
    expect(told).toEqual([]);
  });
});

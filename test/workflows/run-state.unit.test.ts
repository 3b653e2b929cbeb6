import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readInput } from '../../src/contract/input.js';
import { DAILY_EXPORT_QUOTA_BYTES } from '../../src/contract/limits.js';
import type { Wait, WindowState } from '../../src/contract/progress.js';
import { RunState } from '../../src/workflows/run-state.js';
import type { WindowRecord } from '../../src/workflows/window-record.js';
import { FakeActivities } from './fake-activities.js';

const START = Date.parse('2024-07-01T00:00:00Z');
/** Noon in Chicago. */
const NOW = Date.parse('2024-07-02T17:00:00Z');
const WAIT: Wait = { reason: 'queueFull', message: 'full', since: '2024-07-01T00:00:00Z' };
const STATES: readonly WindowState[] = ['pending', 'exporting', 'transferring', 'completed', 'taken over', 'failed'];

/** A run of that many windows a month each; those of the first starts are taken over. */
function runOf({ windows = 6, concurrency = 1, takenOver = 0, input = {} } = {}): RunState {
  const reading = readInput({ destination: 's3://bucket/leads.csv', concurrency, ...input }, START);
  if ('problems' in reading) throw new Error(reading.problems.join());
  const state = new RunState(reading.request);
  const endAt = new Date(Date.parse('2010-01-01T00:00:00Z') + windows * 31 * 86_400_000 - 1000).toISOString();
  const plan = {
    ...new FakeActivities().plan,
    startAt: '2010-01-01T00:00:00Z',
    endAt: endAt.replace('.000', ''),
    warnings: ['of the plan'],
  };
  state.begin(plan, START);
  const starts = state.windows.slice(0, takenOver).map(({ startAt }) => startAt);
  if (takenOver === 0) return state;
  const again = new RunState(reading.request);
  again.begin({ ...plan, takenOver: starts.map((window) => ({ window, records: 7, bytes: 700 })) }, START);
  return again;
}

function window(state: RunState, index: number): WindowRecord {
  const found = state.windows[index];
  if (!found) throw new Error(`There is no window ${index}`);
  return found;
}

/** Starts windows as long as there is a slot and a child for one. */
function startAll(state: RunState): number {
  let started = 0;
  for (let next = state.next(NOW); next; next = state.next(NOW)) {
    next.state = 'exporting';
    started++;
  }
  return started;
}

function complete(state: RunState, index: number, bytes = 1000): void {
  state.jobCompleted({ window: window(state, index).startAt, records: 10, bytes }, NOW);
}

describe('the slots of a run', () => {
  it.each([1, 3, 10])('are %d at most, oldest windows first', (concurrency) => {
    const state = runOf({ windows: 30, concurrency });
    expect(state.next(NOW)).toBe(state.windows[0]);
    expect(startAll(state)).toBe(concurrency);
    expect(state.in('exporting')).toEqual(state.windows.slice(0, concurrency));
  });

  it('are free again as soon as a job is completed, for two children more than slots at most', () => {
    const state = runOf({ windows: 30, concurrency: 3 });
    startAll(state);
    for (const index of [0, 1]) {
      complete(state, index);
      expect(startAll(state)).toBe(1);
    }
    complete(state, 2);
    expect(startAll(state)).toBe(0);
    window(state, 0).state = 'completed';
    expect(startAll(state)).toBe(1);
    expect(state.in('exporting').length + state.in('transferring').length).toBe(5);
  });

  it('never are more than there should be, whatever happens in whatever order', () => {
    const step = fc.tuple(fc.constantFrom('jobCompleted', 'completed', 'failed', 'retry'), fc.nat());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 4 }), (steps, concurrency) => {
        const state = runOf({ windows: 30, concurrency });
        startAll(state);
        for (const [what, choice] of steps) {
          const open = [...state.in('exporting'), ...state.in('transferring')];
          const may = what === 'retry' ? state.in('failed') : open;
          const at = may[choice % Math.max(1, may.length)];
          if (at && what === 'jobCompleted') state.jobCompleted({ window: at.startAt }, NOW);
          else if (at && what === 'retry') state.retry(at.startAt);
          else if (at) at.state = what as WindowState;
          startAll(state);
          const [exporting, transferring] = [state.in('exporting').length, state.in('transferring').length];
          expect(exporting).toBeLessThanOrEqual(concurrency);
          expect(exporting + transferring).toBeLessThanOrEqual(concurrency + 2);
        }
      }),
    );
  });

  it('are filled up once there are more of them, and emptied by nobody once there are fewer', () => {
    const state = runOf({ concurrency: 2 });
    startAll(state);
    state.concurrency = 4;
    expect(startAll(state)).toBe(2);
    state.concurrency = 1;
    expect(state.in('exporting')).toHaveLength(4);
    expect(state.next(NOW)).toBeUndefined();
  });

  it('stay as they are while the run is paused or stopped', () => {
    const state = runOf();
    state.paused = true;
    expect(state.next(NOW)).toBeUndefined();
    expect(state.unfinished()).toBe(true);
    state.paused = false;
    state.stopped = true;
    expect(state.next(NOW)).toBeUndefined();
    expect(state.unfinished()).toBe(false);
  });
});

describe('a completed job', () => {
  it('makes its window transferring, with its sizes and no wait any more', () => {
    const state = runOf();
    startAll(state);
    state.waitChanged(window(state, 0).startAt, WAIT);
    complete(state, 0);
    expect(window(state, 0)).toMatchObject({ state: 'transferring', records: 10, bytes: 1000 });
    expect(window(state, 0)).not.toHaveProperty('wait');
  });

  it('without sizes leaves those unknown', () => {
    const state = runOf();
    startAll(state);
    state.jobCompleted({ window: window(state, 0).startAt }, NOW);
    expect(window(state, 0)).toMatchObject({ state: 'transferring' });
    expect(window(state, 0)).not.toHaveProperty('records');
  });

  it.each(STATES.filter((state) => state !== 'exporting'))('told late changes nothing of a window that is %s', (of) => {
    const state = runOf();
    window(state, 0).state = of;
    complete(state, 0);
    expect(window(state, 0).state).toBe(of);
    expect(window(state, 0)).not.toHaveProperty('records');
  });

  it('told twice frees one slot, and of no window none', () => {
    const state = runOf();
    startAll(state);
    complete(state, 0);
    complete(state, 0, 9999);
    state.jobCompleted({ window: '1999-01-01T00:00:00Z', records: 1, bytes: 1 }, NOW);
    expect(startAll(state)).toBe(1);
    expect(window(state, 0).bytes).toBe(1000);
  });
});

describe('retrying a window', () => {
  it('gives a failed one all its jobs again, and lets a stopped run go on', () => {
    const state = runOf();
    Object.assign(window(state, 0), { state: 'failed', jobs: 3, reason: 'why' });
    state.stopped = true;
    expect(state.retry(window(state, 0).startAt)).toBe(true);
    expect(window(state, 0)).toMatchObject({ state: 'pending', jobs: 0 });
    expect(window(state, 0)).not.toHaveProperty('reason');
    expect(state.next(NOW)).toBe(state.windows[0]);
  });

  it.each(STATES.filter((state) => state !== 'failed'))('does nothing to one that is %s', (of) => {
    const state = runOf();
    Object.assign(window(state, 0), { state: of, jobs: 2 });
    state.stopped = true;
    expect(state.retry(window(state, 0).startAt)).toBe(false);
    expect(window(state, 0)).toMatchObject({ state: of, jobs: 2 });
    expect(state.stopped).toBe(true);
  });

  it.each(['1999-01-01T00:00:00Z', undefined, 7, {}])('does nothing for what is no window: %j', (startAt) => {
    expect(runOf().retry(startAt)).toBe(false);
  });
});

describe('windows that are taken over', () => {
  it('need no slot, and count as they are', () => {
    const state = runOf({ windows: 6, takenOver: 4 });
    expect(state.in('taken over')).toHaveLength(4);
    expect(state.next(NOW)).toBe(state.windows[4]);
    expect(state.progress(START)).toMatchObject({
      windows: { total: 6, 'taken over': 4, pending: 2 },
      records: 28,
      bytes: 2800,
    });
  });

  it('leave nothing to do where all are', () => {
    const state = runOf({ windows: 3, takenOver: 3 });
    expect(state.unfinished()).toBe(false);
    expect(state.next(NOW)).toBeUndefined();
  });
});

describe('waits', () => {
  it('of a window are kept until it waits no more', () => {
    const state = runOf();
    startAll(state);
    const { startAt } = window(state, 0);
    state.waitChanged(startAt, WAIT);
    expect(state.progress(START).current).toEqual([
      expect.objectContaining({ startAt, state: 'exporting', wait: WAIT }),
    ]);
    expect(state.progress(START)).not.toHaveProperty('wait');
    state.waitChanged(startAt, null);
    expect(state.progress(START).current[0]).not.toHaveProperty('wait');
  });

  it('of the run itself are kept beside those', () => {
    const state = runOf();
    state.waitChanged(undefined, WAIT);
    expect(state.progress(START)).toMatchObject({ wait: WAIT });
    state.waitChanged(undefined, null);
    expect(state.progress(START)).not.toHaveProperty('wait');
  });

  it('of no window are nothing', () => {
    const state = runOf();
    state.waitChanged('1999-01-01T00:00:00Z', WAIT);
    expect(state.progress(START)).not.toHaveProperty('wait');
    expect(state.windows.some(({ wait }) => wait)).toBe(false);
  });
});

describe('the progress of a run', () => {
  it('counts each window in one state', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATES), { minLength: 1, maxLength: 20 }), (states) => {
        const state = runOf({ windows: states.length });
        for (const [index, of] of states.entries()) window(state, index).state = of;
        const { total, ...counts } = state.progress(START).windows;
        expect(total).toBe(states.length);
        for (const of of STATES) expect(counts[of]).toBe(states.filter((other) => other === of).length);
        expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(total);
      }),
    );
  });

  it('shows the windows that are open or failed, oldest first, and the warnings', () => {
    const state = runOf();
    for (const [index, of] of STATES.entries()) window(state, index).state = of;
    window(state, 5).reason = 'why';
    const { current, warnings } = state.progress(START);
    expect(current.map(({ state: of }) => of)).toEqual(['exporting', 'transferring', 'failed']);
    expect(current[2]).toMatchObject({ reason: 'why' });
    expect(warnings).toEqual(['of the plan']);
  });
});

describe('the estimate', () => {
  /** After so many of six windows have been exported in an hour each, of so many bytes. */
  function estimateAfter(done: number, bytes: number): ReturnType<RunState['progress']>['estimate'] {
    const state = runOf({ windows: 6, concurrency: 10 });
    startAll(state);
    for (let index = 0; index < done; index++) complete(state, index, bytes);
    return state.progress(START + done * 3_600_000).estimate;
  }

  it('is not there before a job is completed, nor once none is left', () => {
    expect(estimateAfter(0, 1000)).toBeUndefined();
    expect(estimateAfter(6, 1000)).toBeUndefined();
  });

  it('goes by the pace and the sizes so far', () => {
    expect(estimateAfter(2, 1000)).toEqual({ secondsLeft: 4 * 3600, bytesLeft: 4000, quotaDays: 1 });
  });

  it.each([
    [DAILY_EXPORT_QUOTA_BYTES / 6, 1],
    [DAILY_EXPORT_QUOTA_BYTES / 6 + 1, 2],
    [DAILY_EXPORT_QUOTA_BYTES / 2, 3],
    [DAILY_EXPORT_QUOTA_BYTES * 0.55, 4],
  ])('rounds the days of quota up: six windows of %d bytes take %d', (bytes, quotaDays) => {
    expect(estimateAfter(3, bytes)).toMatchObject({ quotaDays });
  });

  it('does not take the pace of what was taken over', () => {
    const state = runOf({ windows: 6, takenOver: 3 });
    expect(state.progress(START + 1000)).not.toHaveProperty('estimate');
  });
});

describe('a window that Marketo cannot make', () => {
  it('is replaced by its halves in its place, each with all its jobs', () => {
    const state = runOf({ windows: 3 });
    const [first, second, third] = state.windows.map(({ startAt }) => startAt);
    const large = window(state, 1);
    Object.assign(large, { state: 'exporting', jobs: 2, lostCreates: 1 });
    const { startAt, endAt } = large;
    expect(state.divisible(large)).toBe(true);
    expect(state.halve(large)).toBe(true);
    expect(state.windows.map((one) => [one.startAt, one.state, one.jobs])).toEqual([
      [first, 'pending', 0],
      [second, 'pending', 0],
      [expect.any(String), 'pending', 0],
      [third, 'pending', 0],
    ]);
    expect(state.halved).toEqual([{ startAt, endAt }]);
    expect(state.windows.reduce((sum, { lostCreates }) => sum + lostCreates, 0)).toBe(1);
  });

  it('is not halved below an hour', () => {
    const state = runOf();
    const short = { ...window(state, 0), startAt: '2024-01-01T00:00:00Z', endAt: '2024-01-01T01:59:58Z' };
    expect(state.divisible(short)).toBe(false);
    expect(state.halve(short)).toBe(false);
    expect(state.halved).toEqual([]);
  });

  it('that an earlier run halved is laid out in halves', () => {
    const state = runOf({ windows: 2 });
    const { startAt, endAt } = window(state, 0);
    const again = new RunState({ ...state['request'] });
    const plan = { ...new FakeActivities().plan, startAt, endAt, halved: [{ startAt, endAt }] };
    again.begin(plan, START);
    expect(again.windows).toHaveLength(2);
  });
});

describe('a share of the daily quota', () => {
  const input = { megabytesPerDay: 1 };

  it('holds the next window back until midnight Central once it would be passed, and tells that', () => {
    const state = runOf({ input });
    startAll(state);
    complete(state, 0, 800_000);
    expect(state.next(NOW)).toBeUndefined();
    expect({ ...state.progress(NOW), stage: state.stage }).toMatchObject({ windows: { pending: 5 } });
    state.stage = 'exporting';
    expect(state.progress(NOW).wait).toMatchObject({ reason: 'quotaShare', until: '2024-07-03T05:00:00.000Z' });
    expect(state.next(Date.parse('2024-07-03T05:00:00Z'))).toBe(window(state, 1));
  });

  it('lets the first job of a day go, however large it may be', () => {
    const state = runOf({ input });
    expect(state.next(NOW)).toBe(window(state, 0));
    startAll(state);
    complete(state, 0, 5_000_000);
    expect(state.next(NOW)).toBeUndefined();
    expect(state.next(NOW + 24 * 3_600_000)).toBe(window(state, 1));
  });

  it('counts what is under way by what its neighbours were', () => {
    const state = runOf({ input, concurrency: 3 });
    startAll(state);
    complete(state, 0, 400_000);
    // One known, two under way and the next: four times as much.
    expect(state.next(NOW)).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { changes } from '../../src/cli/changes.js';
import { carryOver } from '../../src/cli/follow.js';
import { JANUARY, progress, snapshot, unknown } from './samples.js';

const QUEUED = { reason: 'jobQueued' as const, message: 'The job is queued', since: '2024-07-01T11:50:00Z' };

function windowDetail(stage: 'enqueueing job' | 'waiting for job', wait?: typeof QUEUED & { until?: string }) {
  const { startAt, endAt } = JANUARY;
  return { [startAt]: { progress: { startAt, endAt, stage, jobs: 1, ...(wait && { wait }) } } };
}

describe('the plain lines of a run', () => {
  it('begin with where it stands', () => {
    expect(changes(undefined, snapshot())).toEqual([
      'exporting',
      '2 of 6 windows · 1,234,567 records · 812 MB exported',
      'window 2024-01-01 → 2024-01-31: exporting',
    ]);
  });

  it('say nothing where only clocks and estimates have moved', () => {
    const estimate = { secondsLeft: 10, bytesLeft: 20, quotaDays: 1 };
    expect(changes(snapshot(), snapshot({ progress: progress({ estimate }) }))).toEqual([]);
  });

  it('tell each change of the run once', () => {
    const after = progress({
      stage: 'merging',
      paused: true,
      concurrency: 3,
      windows: { total: 6, pending: 0, exporting: 0, transferring: 0, completed: 6, 'taken over': 0, failed: 0 },
      current: [],
      warnings: ['Left out: a'],
    });
    expect(changes(snapshot(), snapshot({ progress: after }))).toEqual([
      'merging',
      'paused',
      '3 jobs at once',
      '6 of 6 windows · 1,234,567 records · 812 MB exported',
      'warning: Left out: a',
    ]);
    expect(changes(snapshot({ progress: after }), snapshot({ progress: after }))).toEqual([]);
  });

  it('tell the stages and waits of a window, and a wait again when its end has changed', () => {
    const before = snapshot({ windows: windowDetail('enqueueing job') });
    const queued = snapshot({ windows: windowDetail('waiting for job', QUEUED) });
    const later = snapshot({ windows: windowDetail('waiting for job', { ...QUEUED, until: '2024-07-02T05:00 UTC' }) });
    expect(changes(before, queued)).toEqual(['window 2024-01-01 → 2024-01-31: The job is queued']);
    expect(changes(queued, queued)).toEqual([]);
    expect(changes(queued, later)).toEqual([
      'window 2024-01-01 → 2024-01-31: The job is queued, until 2024-07-02 05:00 UTC',
    ]);
  });

  it('tell a wait again when only its message has changed', () => {
    const queued = snapshot({ windows: windowDetail('waiting for job', QUEUED) });
    const long = { ...QUEUED, message: 'The job is queued for more than a day' };
    expect(changes(queued, snapshot({ windows: windowDetail('waiting for job', long) }))).toEqual([
      'window 2024-01-01 → 2024-01-31: The job is queued for more than a day',
    ]);
  });

  it('tell why a window failed', () => {
    const after = progress({ current: [{ ...JANUARY, state: 'failed', reason: 'bad\nfile' }] });
    expect(changes(snapshot(), snapshot({ progress: after }))).toEqual([
      'window 2024-01-01 → 2024-01-31: failed: bad file',
    ]);
  });

  it('tell an outage and its end, but nothing twice in between', () => {
    const before = snapshot();
    const during = carryOver(before, unknown('Temporal does not answer.'));
    expect(changes(before, during)).toEqual(['Temporal does not answer.']);
    expect(changes(during, carryOver(during, unknown('Temporal does not answer.')))).toEqual([]);
    expect(changes(during, carryOver(during, snapshot()))).toEqual(['It answers again.']);
  });
});

describe('what is not known just now', () => {
  it('stays as it was seen last', () => {
    const before = snapshot({ windows: windowDetail('waiting for job', QUEUED) });
    const now = snapshot({ windows: { [JANUARY.startAt]: {} } });
    expect(carryOver(before, now).windows).toEqual(before.windows);
    expect(carryOver(before, unknown()).progress).toEqual(before.progress);
  });

  it('goes when its window has closed', () => {
    const before = snapshot({ windows: windowDetail('waiting for job', QUEUED) });
    expect(carryOver(before, snapshot({ progress: progress({ current: [] }), windows: {} })).windows).toEqual({});
  });
});

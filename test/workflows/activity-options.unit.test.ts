import { describe, expect, it } from '@jest/globals';
import type { ActivityOptions } from '@temporalio/workflow';
import { ACTIVITY_OPTIONS } from '../../src/workflows/activity-proxies.js';

const NAMES = Object.keys(ACTIVITY_OPTIONS) as (keyof typeof ACTIVITY_OPTIONS)[];
const CLEARING_UP = ['abandonWindow', 'abandonMerge', 'cleanUp'];
const CALLS = ['closeEarlierWindows', 'createJob', 'enqueueJob', 'awaitJob'] as const;
const DATA = ['transferFile', 'mergeParts'] as const;

describe('activities', () => {
  it.each(NAMES)('%s is tried without end, after a second at first and a minute at last', (name) => {
    expect(ACTIVITY_OPTIONS[name].retry).toEqual({
      initialInterval: '1 second',
      backoffCoefficient: 2,
      maximumInterval: '1 minute',
    });
  });

  it.each(NAMES.filter((name) => !CLEARING_UP.includes(name)))('%s may take as long as it takes', (name) => {
    const options: ActivityOptions = ACTIVITY_OPTIONS[name];
    expect(options.scheduleToCloseTimeout).toBeUndefined();
    expect(options.scheduleToStartTimeout).toBeUndefined();
  });

  it.each(CALLS)('%s has two minutes for each try', (name) => {
    expect(ACTIVITY_OPTIONS[name]).toMatchObject({ startToCloseTimeout: '2 minutes', heartbeatTimeout: '60 seconds' });
  });

  it('planExtract has ten minutes for each try, and is missed after one', () => {
    expect(ACTIVITY_OPTIONS.planExtract).toMatchObject({
      startToCloseTimeout: '10 minutes',
      heartbeatTimeout: '60 seconds',
    });
  });

  it.each(DATA)('%s goes on for a day, and is missed after a minute', (name) => {
    expect(ACTIVITY_OPTIONS[name]).toMatchObject({ startToCloseTimeout: '24 hours', heartbeatTimeout: '60 seconds' });
  });

  it.each(NAMES)('%s is waited for when it is cancelled: a run has only ended once nothing of it works', (name) => {
    expect(ACTIVITY_OPTIONS[name].cancellationType).toBe('WAIT_CANCELLATION_COMPLETED');
  });

  it('that clear up give up after a quarter of an hour', () => {
    for (const name of CLEARING_UP) {
      const options = (ACTIVITY_OPTIONS as Readonly<Record<string, ActivityOptions>>)[name];
      expect([name, options?.scheduleToCloseTimeout]).toEqual([name, '15 minutes']);
    }
  });
});

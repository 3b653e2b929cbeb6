import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/client';
import { describe, expect, it } from '@jest/globals';
import { exitCodeOf } from '../../src/cli/exit.js';
import { describeOutcome, nextSteps, outcomeOf } from '../../src/runs/outcome.js';
import { FAILURES } from '../../src/contract/failures.js';

describe('what may be typed next', () => {
  const run = { command: 'npx marketo-lead-extract', workflowId: "the run's", destination: 's3://bucket/leads.csv' };

  it('goes on or clears up after a failure or a cancellation, as a shell takes it', () => {
    for (const outcome of [
      outcomeOf(new CancelledFailure('x')),
      outcomeOf(ApplicationFailure.nonRetryable('x', 'WindowsFailed')),
    ]) {
      const steps = nextSteps(outcome, run);
      const options = "--destination s3://bucket/leads.csv --workflow-id 'the run'\\''s'";
      expect(steps).toContain(`  npx marketo-lead-extract start ${options}`);
      expect(steps).toContain(`  npx marketo-lead-extract discard ${options}`);
    }
    const own = nextSteps(outcomeOf(new CancelledFailure('x')), {
      ...run,
      workflowId: 'extract-leads/bucket/leads.csv',
    });
    expect(own).toContain('  npx marketo-lead-extract start --destination s3://bucket/leads.csv');
  });

  it('is nothing where the input was wrong: nothing is kept', () => {
    expect(nextSteps(outcomeOf(ApplicationFailure.nonRetryable('x', 'InvalidInput')), run)).toEqual([]);
  });
});

describe('how a run ended', () => {
  it.each(Object.entries(FAILURES))('%s is told with its message and what to do', (type, { remedy }) => {
    const outcome = outcomeOf(ApplicationFailure.nonRetryable('Two\nlines', type));
    expect(describeOutcome(outcome)).toEqual([`The run failed: ${type}`, 'Two', 'lines', `What to do: ${remedy}`]);
    expect(exitCodeOf(outcome)).toBe(1);
  });

  it('an unknown failure is told by its root', () => {
    const root = ApplicationFailure.nonRetryable('the root', 'Odd');
    const outcome = outcomeOf(new ApplicationFailure('outer', 'Outer', true, [], root));
    expect(describeOutcome(outcome)).toEqual(['The run failed: Odd', 'the root']);
  });

  it('cancelled and terminated are not failed', () => {
    const cancelled = outcomeOf(new CancelledFailure('cancelled'));
    expect(exitCodeOf(cancelled)).toBe(3);
    expect(describeOutcome(cancelled)).toEqual([
      'The run was cancelled. What is verified is kept for 60 days, unless it is discarded.',
    ]);
    const terminated = outcomeOf(new TerminatedFailure('by\u001b[2J hand'));
    expect(exitCodeOf(terminated)).toBe(3);
    expect(describeOutcome(terminated)).toEqual(['The run was terminated: by [2J hand']);
  });

  it('a time limit is', () => {
    expect(exitCodeOf(outcomeOf(new TimeoutFailure('late', undefined, 'START_TO_CLOSE')))).toBe(1);
  });

  it('a result is told in numbers', () => {
    const result = {
      destination: 's3://bucket/leads.csv',
      manifest: 's3://bucket/_leads.csv/manifest.json',
      leads: 1_234_567,
      duplicates: 1,
      windows: 150,
      bytes: 2_000_000_000,
      startAt: '2016-08-01T00:00:00Z',
      endAt: '2024-06-30T23:59:59Z',
      mode: 'full' as const,
    };
    expect(describeOutcome({ status: 'completed', result })).toEqual([
      'Done: 1,234,567 leads in s3://bucket/leads.csv (2.0 GB)',
      'from 150 windows, 1 duplicate left out',
      'created 2016-08-01 00:00 UTC to 2024-06-30 23:59 UTC',
      'manifest s3://bucket/_leads.csv/manifest.json',
      'report s3://bucket/_leads.csv/report.html',
    ]);
  });
});

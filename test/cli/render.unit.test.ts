import { describe, expect, it } from '@jest/globals';
import { render } from '../../src/cli/render.js';
import type { Snapshot } from '../../src/runs/snapshot.js';
import { paint, wantsColours } from '../../src/cli/views.js';
import { FEBRUARY, JANUARY, NOW, progress, snapshot, unknown } from './samples.js';

function lines(of: Snapshot): string[] {
  return render(of, Date.parse(NOW)).map(({ text }) => text);
}

describe('the view of a run', () => {
  it('shows the stage, how much is done and what each window is doing', () => {
    expect(lines(snapshot())).toEqual([
      'Exporting.',
      '██████████░░░░░░░░░░░░░░░░░░░░ 2 of 6 windows · 1,234,567 records · 812 MB exported',
      's3://bucket/leads.csv · 1 job at once',
      '  2024-01-01 → 2024-01-31  exporting',
    ]);
  });

  it('adds what only the workflow of a window knows: its stage, how long it waits, and the next try', () => {
    const detail = {
      progress: {
        startAt: JANUARY.startAt,
        endAt: JANUARY.endAt,
        stage: 'waiting for job' as const,
        jobs: 2,
        wait: { reason: 'jobQueued' as const, message: 'The job is queued', since: '2024-07-01T11:50:00Z' },
      },
      activity: { type: 'awaitJob', attempt: 4, nextAttemptAt: '2024-07-01T12:01:42Z' },
    };
    expect(lines(snapshot({ windows: { [JANUARY.startAt]: detail } }))[3]).toBe(
      '  2024-01-01 → 2024-01-31  next try in 1 min 42 s · The job is queued · for 10 min · attempt 4 · ' +
        'job 2 of at most 3',
    );
  });

  it('shows how much of a file is in S3', () => {
    const detail = {
      progress: { ...FEBRUARY, stage: 'transferring' as const, jobs: 1, records: 12_345, bytes: 140_000_000 },
      activity: { type: 'transferFile', attempt: 1, uploadedBytes: 25_165_824 },
    };
    const of = snapshot({ progress: progress({ current: [FEBRUARY] }), windows: { [FEBRUARY.startAt]: detail } });
    expect(lines(of)[3]).toBe('  2024-02-01 → 2024-03-02  transferring · 12,345 records · 25 MB of 140 MB');
  });

  it('counts down to the end of a wait where that is known, once for all windows that share it', () => {
    const wait = {
      reason: 'exportQuota' as const,
      message: 'The daily export quota is used up',
      since: '2024-07-01T11:00:00Z',
      until: '2024-07-02T05:02:00Z',
    };
    const later = { ...wait, until: '2024-07-02T05:04:00Z' };
    const windows = [
      { ...JANUARY, wait: later },
      { ...FEBRUARY, state: 'exporting' as const, wait },
    ];
    const shared = lines(snapshot({ progress: progress({ current: windows }) }));
    expect(shared[0]).toMatch(
      /^Waiting for Marketo's daily export quota\. Goes on at 00:02 Central.*, in 17 h 2 min\.$/,
    );
    expect(shared.slice(3)).toEqual(['  2024-01-01 → 2024-01-31  exporting', '  2024-02-01 → 2024-03-02  exporting']);
    expect(lines(snapshot({ progress: progress({ current: [{ ...JANUARY, wait }, FEBRUARY] }) })).slice(3)).toEqual([
      '  2024-01-01 → 2024-01-31  17 h 2 min left · exporting · ' +
        'The daily export quota is used up, until 2024-07-02 05:02 UTC',
      '  2024-02-01 → 2024-03-02  transferring',
    ]);
  });

  it('shows what the run itself waits for, a pause, the estimate and warnings', () => {
    const shown = lines(
      snapshot({
        progress: progress({
          stage: 'merging',
          paused: true,
          concurrency: 2,
          current: [{ ...FEBRUARY, records: 12_345, bytes: 14_200_000 }],
          wait: { reason: 'storageUnavailable', message: 'S3 is slow', since: '2024-07-01T11:59:30Z' },
          warnings: ['Left out: secret\u001b[31mField'],
          estimate: { secondsLeft: 8100, bytesLeft: 1_204_000_000, quotaDays: 3 },
        }),
        activity: { type: 'mergeParts', attempt: 1 },
      }),
    );
    expect(shown).toEqual([
      'S3 is slow. Paused: no new window starts until `resume`.',
      expect.any(String),
      's3://bucket/leads.csv · 2 jobs at once',
      'for 30 s',
      '  2024-02-01 → 2024-03-02  transferring · 12,345 records · 14 MB',
      'About 2 h 15 min and 1.2 GB left; 3 days of a 500 MB daily export quota in all.',
      'Warning: Left out: secret [31mField',
    ]);
  });

  it('says why a window failed and how to try it again', () => {
    const shown = render(
      snapshot({
        progress: progress({
          stage: 'waiting for retryWindow',
          windows: { total: 6, pending: 0, exporting: 0, transferring: 0, completed: 5, 'taken over': 0, failed: 1 },
          current: [{ ...JANUARY, state: 'failed', reason: '3 jobs came to nothing' }],
        }),
      }),
      Date.parse(NOW),
    );
    expect(shown[0]?.text).toContain('1 window failed so far');
    expect(shown[3]?.text).toContain('retry-window START');
    expect(shown[4]).toEqual({ text: '  2024-01-01 → 2024-01-31  failed · 3 jobs came to nothing', style: 'red' });
  });

  it('shows a dozen windows and counts the others', () => {
    const shown = lines(snapshot({ progress: progress({ current: Array.from({ length: 15 }, () => JANUARY) }) }));
    expect(shown).toHaveLength(3 + 12 + 1);
    expect(shown.at(-1)).toBe('  … and 3 more windows');
  });

  it('shows a run that no worker has told of', () => {
    expect(lines(unknown('No worker polls the task queue q.'))).toEqual([
      'leads/123-ABC-456 · running',
      'No worker polls the task queue q.',
    ]);
  });
});

describe('lines of a terminal of 60 or 80 columns', () => {
  it.each([60, 80])('of %d columns lose no word, and go on below, further in', (columns) => {
    const wait = { reason: 'exportQuota' as const, message: 'x', since: NOW, until: '2024-07-02T05:02:00Z' };
    const drawn = render(snapshot({ progress: progress({ current: [{ ...JANUARY, wait }] }) }), Date.parse(NOW));
    const painted = paint(drawn, { columns }, false);
    expect(Math.max(...painted.map((line) => line.length))).toBeLessThan(columns);
    const words = (lines: readonly string[]): string[] => lines.join(' ').split(/[\s·]+/);
    expect(words(painted)).toEqual(words(drawn.map(({ text }) => text)));
    expect(painted[1]).toMatch(/^ {4}\S/);
  });
});

describe('paint', () => {
  it('cuts lines to the width of the terminal and paints whole lines', () => {
    expect(paint([{ text: 'abcdef', style: 'red' }, { text: 'x' }], { columns: 5 }, true)).toEqual([
      '\u001b[31mabc…\u001b[39m',
      'x',
    ]);
  });

  it('breaks lines between what they say, so that nothing is lost on a narrow terminal', () => {
    const text = '  2024-01-01 → 2024-01-31  next try in 16 s · The export job is queued in Marketo · for 11 s';
    expect(paint([{ text }], { columns: 60 }, false)).toEqual([
      '  2024-01-01 → 2024-01-31  next try in 16 s',
      '    The export job is queued in Marketo · for 11 s',
    ]);
    expect(paint([{ text }], { columns: 120 }, false)).toEqual([text]);
  });

  it('writes no colour where none is wanted', () => {
    expect(paint([{ text: 'abc', style: 'red' }], { columns: 80 }, false)).toEqual(['abc']);
    expect([{ NO_COLOR: '1' }, { TERM: 'dumb' }, { NO_COLOR: '', TERM: 'xterm' }].map(wantsColours)).toEqual([
      false,
      false,
      true,
    ]);
  });
});

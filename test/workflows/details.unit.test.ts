import { describe, expect, it } from '@jest/globals';
import type { ExtractProgress, WindowSummary } from '../../src/contract/progress.js';
import { exportSummary, runDetails, windowDetails } from '../../src/workflows/details.js';

const WINDOW: WindowSummary = { startAt: '2016-08-01T00:00:00Z', endAt: '2016-08-31T23:59:59Z', state: 'transferring' };

function progress(current: readonly WindowSummary[]): ExtractProgress {
  return {
    stage: 'exporting',
    paused: false,
    concurrency: 1,
    destination: 's3://bucket/leads.csv',
    windows: { total: 99, pending: 1, exporting: 1, transferring: 1, completed: 1, 'taken over': 1, failed: 0 },
    records: 1234,
    bytes: 5_600_000,
    current,
    warnings: [],
  };
}

/** Rows of the table, as lists of what their cells show. */
function table(details: string): string[][] {
  return details
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((text) => text.replaceAll('\u2003\u200b', '').trim()),
    );
}

describe('the details of a run in the Web UI', () => {
  it('show each open window in a row, with room between the cells', () => {
    const details = runDetails(progress([{ ...WINDOW, records: 1234, bytes: 5_600_000 }]));
    expect(table(details)).toEqual([
      ['window', 'stage', 'records', 'size', 'waits for, or why'],
      ['---', '---', '---:', '---:', '---'],
      ['2016-08-01 → 2016-08-31', 'transferring', '1,234', '5.6 MB', ''],
    ]);
    expect(details).toContain('2016-08-31\u2003\u200b | transferring');
  });

  it('tell of a window whose job is with Marketo where its own wait is seen', () => {
    const exporting = { ...WINDOW, state: 'exporting' } as const;
    const wait = { reason: 'queueFull', message: 'Ten jobs are queued', since: WINDOW.startAt } as const;
    const rows = table(runDetails(progress([exporting, { ...exporting, wait }, WINDOW])));
    expect(rows.slice(2).map((cells) => cells[4])).toEqual([
      'Marketo queues the job or writes its file; the workflow of the window tells which',
      'Ten jobs are queued',
      '',
    ]);
  });

  it('keep a reason in its cell, whatever it holds', () => {
    const reason = 'a | b\n| c | <b>d</b> [e](f)';
    const rows = table(runDetails(progress([{ ...WINDOW, state: 'failed', reason }])));
    expect(rows[2]).toHaveLength(5);
    expect(rows).toHaveLength(3);
    expect(rows[2]?.[4]).toBe('a \\| b \\| c \\| \\<b\\>d\\</b\\> \\[e\\](f)');
  });

  it('end the table where nobody reads on', () => {
    const failed = { ...WINDOW, state: 'failed', reason: 'x'.repeat(100) } as const;
    const details = runDetails(progress(Array.from({ length: 99 }, () => failed)));
    expect(table(details)).toHaveLength(2 + 60);
    expect(details).toContain('… and 39 more windows');
  });

  it.each(['x', '|', '€', '😀'])('stay below the 20 KB that Temporal takes, whatever is told: %s', (character) => {
    const reason = character.repeat(1000);
    const failed = { ...WINDOW, state: 'failed', reason } as const;
    const warnings = Array.from({ length: 99 }, () => reason);
    const details = runDetails({ ...progress(Array.from({ length: 99 }, () => failed)), warnings });
    expect(Buffer.byteLength(details)).toBeLessThan(20_000);
    expect(details).toContain('⚠ ');
    expect(details).toMatch(/… and [4-9]\d more windows/);
  });
});

describe('the details of a window in the Web UI', () => {
  it('tell its job, what it waits for and until when, and nothing that starts markup', () => {
    const { startAt, endAt } = WINDOW;
    const wait = {
      reason: 'exportQuota',
      message: 'Used *up*',
      since: startAt,
      until: '2026-11-26T06:01:43.899Z',
    } as const;
    expect(windowDetails({ startAt, endAt, stage: 'enqueueing job', jobs: 2, exportId: 'a_b', wait })).toBe(
      '**enqueueing job** · 2016-08-01 → 2016-08-31 · job 2 of at most 3\n\nExport job a\\_b\n\n' +
        'Used \\*up\\*, until 2026-11-26 06:01 UTC',
    );
  });
});

describe('the summary of a completed job', () => {
  it.each([
    [{ records: 0 }, 'no records'],
    [{ records: 1, bytes: 300 }, '1 record, 300 B'],
    [{ bytes: 5_600_000 }, 'an unknown number of records, 5.6 MB'],
  ])('of %j is %s', (job, expected) => {
    expect(exportSummary({ exportId: 'e', ...job })).toBe(expected);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { ExtractProgress, WindowSummary } from '../../src/contract/progress.js';
import { runDetails } from '../../src/workflows/details.js';

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
      ['window', 'stage', 'leads', 'size', ''],
      ['---', '---', '---:', '---:', '---'],
      ['2016-08-01 → 2016-08-31', 'transferring', '1,234', '5.6 MB', ''],
    ]);
    expect(details).toContain('2016-08-31\u2003\u200b | transferring');
  });

  it('keep a reason in its cell, whatever it holds', () => {
    const reason = 'a | b\n| c | <b>d</b> [e](f)';
    const rows = table(runDetails(progress([{ ...WINDOW, state: 'failed', reason }])));
    expect(rows[2]).toHaveLength(5);
    expect(rows).toHaveLength(3);
    expect(rows[2]?.[4]).toBe('a \\| b \\| c \\| \\<b\\>d\\</b\\> \\[e\\](f)');
  });

  it('end the table where it gets too long for Temporal, and stay below 20 KB', () => {
    const details = runDetails(
      progress(Array.from({ length: 99 }, () => ({ ...WINDOW, state: 'failed', reason: 'x'.repeat(200) }))),
    );
    expect(table(details)).toHaveLength(2 + 60);
    expect(details).toContain('… and 39 more');
    expect(Buffer.byteLength(details)).toBeLessThan(20_000);
  });
});

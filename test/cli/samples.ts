import type { Snapshot } from '../../src/runs/snapshot.js';
import type { ExtractProgress, WindowSummary } from '../../src/contract/progress.js';

export const NOW = '2024-07-01T12:00:00Z';

/** An open window of January 2024. */
export const JANUARY: WindowSummary = {
  startAt: '2024-01-01T00:00:00Z',
  endAt: '2024-01-31T23:59:59Z',
  state: 'exporting',
};

/** The window after it. */
export const FEBRUARY: WindowSummary = {
  startAt: '2024-02-01T00:00:00Z',
  endAt: '2024-03-02T23:59:59Z',
  state: 'transferring',
};

/** A run in the middle of its export. */
export function progress(change: Partial<ExtractProgress> = {}): ExtractProgress {
  return {
    stage: 'exporting',
    paused: false,
    concurrency: 1,
    destination: 's3://bucket/leads.csv',
    startAt: '2024-01-01T00:00:00Z',
    endAt: '2024-06-30T23:59:59Z',
    windows: { total: 6, pending: 3, exporting: 1, transferring: 0, completed: 1, 'taken over': 1, failed: 0 },
    records: 1_234_567,
    bytes: 812_300_000,
    current: [JANUARY],
    warnings: [],
    ...change,
  };
}

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    workflowId: 'leads/123-ABC-456',
    taskQueue: 'marketo-lead-extract',
    status: 'RUNNING',
    progress: progress(),
    windows: {},
    ...change,
  };
}

/** A run that no worker has told of. */
export function unknown(trouble?: string): Snapshot {
  const { workflowId, taskQueue, status } = snapshot();
  return { workflowId, taskQueue, status, windows: {}, ...(trouble !== undefined && { trouble }) };
}

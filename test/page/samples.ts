import type { ListedRun } from '../../src/runs/listed-run.js';
import type { Outcome } from '../../src/runs/outcome.js';
import type { Snapshot } from '../../src/runs/snapshot.js';
import type { Overview, PageSource, RunView } from '../../src/page/source.js';
import { FEBRUARY, JANUARY, progress, snapshot } from '../cli/samples.js';

export const NOW = Date.parse('2024-07-01T12:00:00Z');

const RUN: ListedRun = {
  workflowId: 'extract-leads/bucket/leads.csv',
  runId: '0197f3a0-0000-7000-8000-000000000001',
  status: 'RUNNING',
  stage: 'exporting',
  destination: 's3://bucket/leads.csv',
  mode: 'full',
  startedAt: '2024-07-01T09:55:00Z',
};

const ENDED = { status: 'COMPLETED', endedAt: '2024-07-01T11:30:00Z' };

const QUOTA = {
  reason: 'exportQuota',
  message: 'The daily export quota is used up',
  since: '2024-07-01T11:00:00Z',
  until: '2024-07-02T05:02:00Z',
} as const;

const COMPLETED: Outcome = {
  status: 'completed',
  result: {
    destination: 's3://bucket/leads.csv',
    manifest: 's3://bucket/_leads.csv/manifest.json',
    leads: 1_234_500,
    duplicates: 67,
    mended: 3,
    windows: 6,
    bytes: 812_000_000,
    startAt: '2024-01-01T00:00:00Z',
    endAt: '2024-06-30T23:59:59Z',
  },
};

/** A view of an open run. */
export function openView(change: Partial<Snapshot> = {}): RunView {
  return { run: RUN, snapshot: snapshot({ workflowId: RUN.workflowId, ...change }) };
}

/** A view of a run that ended so. */
export function endedView(outcome: Outcome, change: Partial<Snapshot> = {}): RunView {
  const statuses = {
    completed: 'COMPLETED',
    failed: 'FAILED',
    cancelled: 'CANCELLED',
    terminated: 'TERMINATED',
  } as const;
  const status = statuses[outcome.status];
  const { workflowId, runId: id, destination, mode, startedAt } = RUN;
  const run = { workflowId, runId: id, destination, mode, startedAt } as ListedRun;
  return { run: { ...run, ...ENDED, status }, snapshot: snapshot({ status, ...change }), outcome };
}

const FAILED_WINDOW = { ...FEBRUARY, state: 'failed', reason: '9 records were counted, Marketo told 10' } as const;

/** One of each state that a run can be found in. */
export const VIEWS = {
  running: openView({
    progress: progress({
      concurrency: 2,
      estimate: { secondsLeft: 7200, bytesLeft: 1_200_000_000, quotaDays: 5 },
      warnings: ['The instance no longer has the field Shadow__c: left out.'],
      current: [JANUARY, { ...FEBRUARY, records: 120_000, bytes: 80_000_000 }],
    }),
    windows: {
      [JANUARY.startAt]: {
        progress: {
          ...JANUARY,
          stage: 'waiting for job',
          jobs: 1,
          wait: { reason: 'jobQueued', message: 'The export job is queued in Marketo', since: '2024-07-01T11:55:00Z' },
        },
        activity: { type: 'awaitJob', attempt: 3, nextAttemptAt: '2024-07-01T12:01:42Z' },
      },
      [FEBRUARY.startAt]: {
        progress: { ...FEBRUARY, stage: 'transferring', jobs: 1, records: 120_000, bytes: 80_000_000 },
        activity: { type: 'transferFile', attempt: 1, uploadedBytes: 30_000_000 },
      },
    },
  }),
  quota: openView({ progress: progress({ current: [{ ...JANUARY, wait: QUOTA }] }) }),
  paused: openView({ progress: progress({ paused: true, current: [] }) }),
  stuck: openView({
    progress: progress({
      stage: 'waiting for retryWindow',
      windows: { total: 6, pending: 0, exporting: 0, transferring: 0, completed: 5, 'taken over': 0, failed: 1 },
      current: [FAILED_WINDOW],
    }),
  }),
  unknown: {
    run: RUN,
    snapshot: {
      workflowId: RUN.workflowId,
      taskQueue: 'marketo-lead-extract',
      status: 'RUNNING',
      windows: {},
      trouble: 'No worker polls the task queue marketo-lead-extract. Start one: marketo-lead-extract worker',
    },
  },
  completed: endedView(COMPLETED, {
    progress: progress({ stage: 'completed', current: [], warnings: ['A warning.'] }),
  }),
  failed: endedView(
    {
      status: 'failed',
      type: 'WindowsFailed',
      message: '1 window failed:\n2024-02-01 → 2024-03-02: 9 records were counted, Marketo told 10',
      remedy: 'See what each window says.',
    },
    { progress: progress({ stage: 'failed', current: [FAILED_WINDOW] }) },
  ),
  cancelled: endedView(
    {
      status: 'cancelled',
      message: 'The run was cancelled. What is verified is kept for 60 days, unless it is discarded.',
    },
    { progress: progress({ stage: 'cancelled', current: [] }) },
  ),
} as const satisfies Record<string, RunView>;

/** The list of all of them. */
export function overview(views: readonly RunView[] = Object.values(VIEWS)): Overview {
  return {
    address: '127.0.0.1:7233',
    webUi: 'http://127.0.0.1:8233',
    runs: views.map(({ run, snapshot: of, outcome }, index) => ({
      ...run,
      runId: runId(index),
      ...(outcome?.status === 'completed' && { leads: outcome.result.leads }),
      ...(outcome === undefined && { snapshot: of }),
    })),
  };
}

/** Of the run at a place of {@link overview}. */
export function runId(index: number): string {
  return `0197f3a0-0000-7000-8000-${String(index).padStart(12, '0')}`;
}

/** A source that has all of them, found by the ids of {@link overview}. */
export function source(change: Partial<PageSource> = {}): PageSource {
  return {
    command: 'marketo-lead-extract',
    explain: (error) => (error as Error).message,
    overview: () => Promise.resolve(overview()),
    run: ({ runId: wanted }) => {
      const index = overview().runs.findIndex((run) => run.runId === wanted);
      const view = Object.values(VIEWS)[index];
      return Promise.resolve(
        view && { ...view, run: { ...view.run, runId: wanted }, webUi: 'http://127.0.0.1:8233/run' },
      );
    },
    ...change,
  };
}

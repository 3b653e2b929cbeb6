import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { windowWorkflowId } from '../src/contract/names.js';
import type { Bench, Benchmark, Cell, Outcome } from './benchmark.js';
import { indexFiles, prepareFile } from './files.js';
import { startInstance } from './instance/start.js';
import { windowsFor } from '../test/fixtures/parts.js';
import { Rows } from '../test/fixtures/rows.js';
import { startCountedS3 } from './s3.js';
import { startService } from './service.js';

/**
 * Runs from small to large; the first shows what planning and merging cost by themselves. One job at a time tells the run of
 * each window by itself, which costs it the most events.
 */
const RUNS = [
  { windows: 1, concurrency: 10 },
  { windows: 10, concurrency: 1 },
  { windows: 10, concurrency: 10 },
  { windows: 100, concurrency: 10 },
  { windows: 1000, concurrency: 10 },
] as const;
const QUICK_RUNS = [
  { windows: 1, concurrency: 10 },
  { windows: 3, concurrency: 1 },
] as const;

/** Temporal ends a workflow whose history is longer than this (Temporal: Workflow Execution limits). */
const MOST_HISTORY_EVENTS = 51_200;
const MOST_HISTORY_BYTES = 50 * 1024 * 1024;

/** From enqueueing to the end of a job: long enough to be found processing at first. */
const PROCESSING_MILLISECONDS = 1500;

/** Calls that each window needs beside those that ask how far it is: create, enqueue, file. */
const FIXED_CALLS = ['create.json', 'enqueue.json', 'file.json'] as const;

/** Histories, calls and time of runs of many small windows on a real Temporal server. */
export const windows: Benchmark = { name: 'windows', run };

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

interface Counts {
  readonly windows: number;
  readonly concurrency: number;
  readonly seconds: number;
  readonly childEvents: number;
  readonly parentEvents: number;
  readonly parentBytes: number;
  readonly fixedCalls: number;
  readonly statusCalls: number;
  readonly actions: number;
}

async function run(bench: Bench): Promise<Outcome> {
  const { quick, say, scratch } = bench;
  const runs = quick ? QUICK_RUNS : RUNS;
  const rows = new Rows({ fields: ['email'] });
  const files = [];
  for (let number = 0; number < Math.max(...runs.map((run) => run.windows)); number++) {
    files.push(await prepareFile(join(scratch, `${number}.csv`), rows, 10, number * 10));
  }
  await indexFiles(scratch, files);
  const instance = await bench.keep(startInstance(scratch, PROCESSING_MILLISECONDS));
  const { server: s3 } = await startCountedS3(bench);
  const service = await startService(bench, { ...s3.env, ...instance.env });
  await service.startWorker();

  const all: Counts[] = [];
  for (const { windows: size, concurrency } of runs) {
    const counts = await extract(size, concurrency);
    all.push(counts);
    say(`${size} windows, ${concurrency} at once: ${counts.seconds.toFixed(1)} s, ${counts.parentEvents} events`);
  }
  const [one, ...larger] = all;
  if (!one) throw new Error('There was no run');
  /** Events of the run that each window after the first has added. */
  const addedEvents = (counts: Counts): number =>
    (counts.parentEvents - one.parentEvents) / (counts.windows - one.windows);
  const cells = all.map((counts): Cell[] => [
    counts.windows,
    counts.concurrency,
    counts.seconds,
    counts.childEvents,
    counts.parentEvents,
    counts === one ? null : addedEvents(counts),
    counts.parentBytes / 1024,
    counts.fixedCalls / counts.windows,
    counts.statusCalls / counts.windows,
    counts.actions / counts.windows,
  ]);
  const most = (count: (counts: Counts) => number): number => Math.max(...all.map(count));
  return {
    tables: [
      {
        title: 'Runs of small windows',
        columns: [
          'windows',
          'concurrency',
          'seconds',
          'events in a child',
          'events in the run',
          'added by each further window',
          'run history, KiB',
          'calls per window, without status',
          'status calls per window',
          'Temporal actions per window',
        ],
        rows: cells,
      },
    ],
    gates: [
      { what: 'events in a child', value: most((counts) => counts.childEvents), limit: 36, kind: 'at most' },
      {
        what: 'events that each further window adds to the run',
        value: Math.max(...larger.map(addedEvents)),
        limit: 14,
        kind: 'at most',
      },
      {
        what: 'Marketo calls per window beside status',
        value: most((counts) => counts.fixedCalls / counts.windows),
        limit: 4,
        kind: 'at most',
      },
      {
        what: '% of the 51,200 events that Temporal allows, largest run',
        value: (most((counts) => counts.parentEvents) / MOST_HISTORY_EVENTS) * 100,
        limit: 25,
        kind: 'at most',
      },
      {
        what: '% of the 50 MiB that Temporal allows, largest run',
        value: (most((counts) => counts.parentBytes) / MOST_HISTORY_BYTES) * 100,
        limit: 25,
        kind: 'at most',
      },
    ],
    notes: [
      `Jobs take ${PROCESSING_MILLISECONDS / 1000} s and are asked for as often as the server's retries go, about once a second: the waits of the recipe are not in here.`,
      'Actions as Temporal Cloud bills them: starts of workflows, attempts of activities, signals, search attributes; heartbeats and queries come on top.',
      'Temporal warns at 10,240 events or 10 MiB of a history, and ends it at 51,200 or 50 MiB.',
    ],
  };

  async function extract(size: number, concurrency: number): Promise<Counts> {
    const { startAt, endAt, windows: planned } = windowsFor(size);
    const before = await instance.calls();
    const start = performance.now();
    const handle = await service.start({
      destination: `s3://${s3.bucket}/out-${size}-${concurrency}.csv`,
      startAt,
      endAt,
      concurrency,
    });
    const result = await handle.result();
    const seconds = (performance.now() - start) / 1000;
    if (result.windows !== size || result.leads !== 10 * size) throw new Error('The run did not export what there is');
    const after = await instance.calls();
    const calls = (what: string): number => (after[what] ?? 0) - (before[what] ?? 0);
    const parent = await service.client.workflow.getHandle(handle.workflowId).describe();
    const parentEvents = await historyOf(handle.workflowId);
    let childEvents = 0;
    let actions = actionsOf(parentEvents);
    for (const window of planned) {
      const events = await historyOf(windowWorkflowId(handle.workflowId, window));
      childEvents = Math.max(childEvents, events.length);
      actions += actionsOf(events);
    }
    return {
      windows: size,
      concurrency,
      seconds,
      childEvents,
      parentEvents: parentEvents.length,
      parentBytes: parent.historySize ?? 0,
      // The create that checks the fields is the run's own.
      fixedCalls: FIXED_CALLS.reduce((sum, what) => sum + calls(what), 0) - 1,
      statusCalls: calls('status.json'),
      actions,
    };
  }

  async function historyOf(workflowId: string): Promise<readonly HistoryEvent[]> {
    const { events } = await service.client.workflow.getHandle(workflowId).fetchHistory();
    return events ?? [];
  }
}

/** What Temporal Cloud bills of a history (Temporal: Cloud Actions): starts, attempts of activities, signals, timers, search attributes. */
function actionsOf(events: readonly HistoryEvent[]): number {
  return events.reduce((sum, event) => {
    const attempts = event.activityTaskStartedEventAttributes?.attempt ?? 0;
    const billed =
      event.workflowExecutionStartedEventAttributes ??
      event.workflowExecutionSignaledEventAttributes ??
      event.timerStartedEventAttributes ??
      event.upsertWorkflowSearchAttributesEventAttributes;
    return sum + attempts + (billed ? 1 : 0);
  }, 0);
}

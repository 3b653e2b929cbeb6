import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { backoffMilliseconds } from '../src/activities/retry-decision.js';
import type { Activities } from '../src/contract/activities.js';
import { jobCompletedSignal } from '../src/contract/messages.js';

/** Jobs that run in an instance at once (Adobe: Bulk Extract, Limits). */
const SLOTS = 2;

/** How often a status is renewed (Adobe: Bulk Extract, Polling). */
const RENEWAL_MILLISECONDS = 60_000;

export interface ModelOptions {
  readonly startAt: string;
  readonly endAt: string;
  /** Processing of each job in the order of their enqueueing, milliseconds. */
  readonly processing: readonly number[];
  /** From a job's completion to its verified part. */
  readonly transferMilliseconds: number;
  /** The server's clock, milliseconds since 1970. */
  readonly now: () => Promise<number>;
}

interface Job {
  readonly enqueuedAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
  phase: 'queued' | 'processing' | undefined;
  calls: number;
}

/**
 * The activities over an instance that exists as arithmetic only, on the server's clock: two slots, first come first served.
 * They wait as the real ones do (`awaitJob`), but keep the state of the backoff themselves: the time-skipping server forgets
 * heartbeat details when an attempt fails.
 */
export class InstanceModel {
  statusCalls = 0;
  private readonly jobs = new Map<string, Job>();
  private readonly slots: number[] = Array.from({ length: SLOTS }, () => 0);
  private readonly transferred = new Set<string>();
  private created = 0;

  constructor(private readonly options: ModelOptions) {}

  activities(): Activities {
    const { startAt, endAt, transferMilliseconds, now } = this.options;
    return {
      planExtract: async () => ({
        ref: { bucket: 'bench', key: 'plan.json', sha256: '0'.repeat(64), instance: 'bench' },
        mode: 'full',
        outputStartAt: startAt,
        startAt,
        endAt,
        windowOverlapSeconds: 0,
        warnings: [],
        takenOver: [],
        searchAttributes: false,
        destinationEtag: null,
        accountEtags: { manifest: null, schema: null, report: null, ids: null },
        halved: [],
        windowDays: 31,
      }),
      closeEarlierWindows: async () => undefined,
      createJob: async () => ({ exportId: `job-${this.created++}`, lostCreates: 0 }),
      enqueueJob: async ({ exportId }) => {
        this.enqueue(exportId, await now());
        return { outcome: 'enqueued' };
      },
      awaitJob: async ({ exportId, poll, run, window }) => {
        const job = this.find(exportId);
        if (job.phase === undefined) {
          job.phase = 'queued';
          throw later(poll.initialMilliseconds);
        }
        this.statusCalls++;
        const status = statusOf(job, await now());
        if (status === 'completed') {
          if (run) {
            const handle = Context.current().client.workflow.getHandle(run.workflowId, run.runId);
            await handle.signal(jobCompletedSignal, { window: window.startAt, records: 1, bytes: 1 });
          }
          return { outcome: 'completed', job: { exportId, records: 1, bytes: 1 } };
        }
        // The first wait counted as one of the queue's.
        job.calls = job.phase === status ? job.calls + 1 : 0;
        job.phase = status;
        throw later(backoffMilliseconds(poll, job.calls));
      },
      transferFile: async ({ job: { exportId } }) => {
        if (!this.transferred.has(exportId)) {
          this.transferred.add(exportId);
          throw later(transferMilliseconds);
        }
        return { outcome: 'verified', part: { records: 1, bytes: 1, warnings: [] } };
      },
      abandonWindow: async () => undefined,
      collectGone: async () => ({ outcome: 'collected', until: endAt }),
      mergeParts: async () => ({ manifest: '', leads: this.jobs.size, duplicates: 0, mended: 0, bytes: 1 }),
      abandonMerge: async () => undefined,
      cleanUp: async () => undefined,
    };
  }

  private enqueue(exportId: string, now: number): void {
    const slot = this.slots.indexOf(Math.min(...this.slots));
    const startsAt = Math.max(now, this.slots[slot] ?? 0);
    const endsAt = startsAt + (this.options.processing[this.jobs.size] ?? 0);
    this.slots[slot] = endsAt;
    this.jobs.set(exportId, { enqueuedAt: now, startsAt, endsAt, phase: undefined, calls: 0 });
  }

  private find(exportId: string): Job {
    const job = this.jobs.get(exportId);
    if (!job) throw new Error(`${exportId} was not enqueued`);
    return job;
  }
}

/** What a status call is told: the state when it was last renewed. */
function statusOf({ enqueuedAt, startsAt, endsAt }: Job, now: number): 'queued' | 'processing' | 'completed' {
  const renewedAt = now - ((now - enqueuedAt) % RENEWAL_MILLISECONDS);
  if (renewedAt >= endsAt) return 'completed';
  return renewedAt >= startsAt ? 'processing' : 'queued';
}

function later(milliseconds: number): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'not yet',
    type: 'jobQueued',
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: milliseconds,
  });
}

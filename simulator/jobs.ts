import { randomUUID } from 'node:crypto';
import { centralDay, type SimulatedClock } from './clock.js';
import type { ExportFiles, FileFacts, Selection } from './files.js';
import type { FaultEffect } from './faults.js';
import { hash } from './leads/hash.js';
import { tellJob } from './tell-job.js';

/** Jobs that run, and that are queued or run, in an instance at once (Adobe: Bulk Extract, Limits). */
const RUNNING = 2;
const QUEUED = 10;

/** How often a status is renewed (Adobe: Bulk Extract, Polling), how long a file is kept (Limits), and how long a status. */
const REFRESH_MILLISECONDS = 60_000;
const RETENTION_MILLISECONDS = 7 * 86_400_000;
const STATUS_MILLISECONDS = 30 * 86_400_000;

/** `Removed`: forgotten by Marketo. */
export type JobState = 'Created' | 'Queued' | 'Processing' | 'Completed' | 'Failed' | 'Cancelled' | 'Removed';

export interface Job {
  readonly exportId: string;
  readonly number: number;
  /** Client id of the API user's custom service: nobody else sees the job (Adobe: Bulk Extract). */
  readonly owner: string;
  readonly selection: Selection;
  state: JobState;
  readonly createdAt: number;
  queuedAt?: number;
  startedAt?: number;
  finishedAt?: number;
  /** When processing ends. */
  endsAt?: number;
  /** The moment of its processing that the leads of its file are told of. */
  exportsAt?: number;
  facts?: FileFacts;
  computing?: boolean;
  effects: FaultEffect[];
  /** Status as it is told, and when it was renewed. */
  told: { at: number; answer: Record<string, unknown> };
  statusCalls: number[];
  downloads: number;
  /** Bytes of the file that all downloads together were sent. */
  bytesSent: number;
}

export interface JobOptions {
  readonly seed: number;
  /** Shortest and longest processing in simulated seconds. */
  readonly processingSeconds: readonly [number, number];
  readonly dailyQuotaBytes: number;
}

/** The instance's export jobs: queue, two slots, quota. */
export class Jobs {
  readonly all: Job[] = [];
  /** Jobs of other integrations that take places in the queue. */
  foreignQueued = 0;
  mostQueuedOrRunning = 0;
  mostRunning = 0;
  private exhaustedDay: string | undefined;
  private readonly bytesByDay = new Map<string, number>();

  constructor(
    private readonly clock: SimulatedClock,
    private readonly files: ExportFiles,
    private readonly options: JobOptions,
  ) {}

  /** A job that Marketo still knows; of an API user, who sees no other's, where one is given. */
  find(exportId: string | undefined, owner?: string): Job | undefined {
    const job = this.all.find((candidate) => candidate.exportId === exportId);
    if (!job || job.state === 'Removed' || job.owner !== (owner ?? job.owner)) return undefined;
    return this.clock.now() - (job.finishedAt ?? Infinity) < STATUS_MILLISECONDS ? job : undefined;
  }

  /** Bytes of the jobs that finished today, in Central time: charged by size at their end, and only "exceeded" closes the gate. */
  get quotaExceeded(): boolean {
    const today = centralDay(this.clock.now());
    return this.exhaustedDay === today || (this.bytesByDay.get(today) ?? 0) > this.options.dailyQuotaBytes;
  }

  exhaustQuota(): void {
    this.exhaustedDay = centralDay(this.clock.now());
  }

  get queueFull(): boolean {
    return this.foreignQueued + this.active().length >= QUEUED;
  }

  get dailyQuotaBytes(): number {
    return this.options.dailyQuotaBytes;
  }

  create(selection: Selection, effects: FaultEffect[], owner: string): Job {
    const now = this.clock.now();
    const job: Job = {
      exportId: randomUUID(),
      number: this.all.length + 1,
      owner,
      selection,
      state: 'Created',
      createdAt: now,
      effects,
      told: { at: now, answer: {} },
      statusCalls: [],
      downloads: 0,
      bytesSent: 0,
    };
    job.told.answer = this.describe(job);
    this.all.push(job);
    return job;
  }

  enqueue(job: Job): void {
    if (job.effects.some((effect) => effect.kind === 'jobStuck' && effect.status === 'Created')) {
      // Forgotten once; a second enqueue takes.
      job.effects = job.effects.filter((effect) => effect.kind !== 'jobStuck');
      return;
    }
    job.state = 'Queued';
    job.queuedAt = this.clock.now();
    this.mostQueuedOrRunning = Math.max(this.mostQueuedOrRunning, this.active().length);
    this.advance();
  }

  cancel(job: Job): void {
    job.state = 'Cancelled';
    job.finishedAt = this.clock.now();
    this.tell(job);
  }

  /** A job as it is, told at once: creating, queueing, cancelling and listing do so. */
  describe(job: Job): Record<string, unknown> {
    return tellJob(job, (milliseconds) => this.clock.tell(milliseconds));
  }

  /** The status as Marketo tells it: renewed once a minute. */
  status(job: Job): Record<string, unknown> {
    const now = this.clock.now();
    if (now - job.told.at >= REFRESH_MILLISECONDS) this.tell(job);
    job.statusCalls.push(now);
    const unknown = job.effects.find((effect) => effect.kind === 'unknownStatus');
    return unknown ? { ...job.told.answer, status: unknown.status } : job.told.answer;
  }

  hasFile(job: Job): boolean {
    if (job.state !== 'Completed' || job.effects.some(({ kind }) => kind === 'fileExpired')) return false;
    return this.clock.now() - (job.finishedAt ?? 0) < RETENTION_MILLISECONDS;
  }

  /** Moves jobs on to where they are by now. */
  advance(): void {
    const now = this.clock.now();
    for (const job of this.all) {
      if (job.state === 'Processing' && job.facts && (job.endsAt ?? Infinity) <= now) this.finish(job);
    }
    for (const job of this.all) {
      if (this.running().length >= RUNNING) break;
      if (job.state !== 'Queued' || job.effects.some((e) => e.kind === 'jobStuck' && e.status === 'Queued')) continue;
      const [shortest, longest] = this.options.processingSeconds;
      const seconds =
        shortest + (hash(this.options.seed, job.number, 3) % Math.max(1, Math.round(longest - shortest + 1)));
      const exportsAt = now + (hash(this.options.seed, job.number, 41) % (seconds + 1)) * 1000;
      Object.assign(job, { state: 'Processing', startedAt: now, endsAt: now + seconds * 1000, exportsAt });
      this.mostRunning = Math.max(this.mostRunning, this.running().length);
      void this.compute(job);
    }
  }

  active(): Job[] {
    return this.all.filter(({ state }) => state === 'Queued' || state === 'Processing');
  }

  private running(): Job[] {
    return this.all.filter(({ state }) => state === 'Processing');
  }

  private async compute(job: Job): Promise<void> {
    job.facts = await this.files.facts(job.selection, job.exportsAt ?? 0);
  }

  private finish(job: Job): void {
    const stuck = job.effects.some((effect) => effect.kind === 'jobStuck' && effect.status === 'Processing');
    if (stuck) return;
    job.finishedAt = job.endsAt ?? this.clock.now();
    const outcome = job.effects.find(
      ({ kind }) => kind === 'jobFails' || kind === 'jobCancelled' || kind === 'jobVanishes',
    );
    if (outcome?.kind === 'jobFails') job.state = 'Failed';
    else if (outcome?.kind === 'jobCancelled') job.state = 'Cancelled';
    else if (outcome?.kind === 'jobVanishes') job.state = 'Removed';
    else {
      job.state = 'Completed';
      const day = centralDay(job.finishedAt);
      this.bytesByDay.set(day, (this.bytesByDay.get(day) ?? 0) + (job.facts?.bytes ?? 0));
    }
  }

  private tell(job: Job): void {
    job.told = { at: this.clock.now(), answer: this.describe(job) };
  }
}

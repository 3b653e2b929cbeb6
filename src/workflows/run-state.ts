import type { PlanSummary } from '../contract/activities.js';
import { defined } from '../contract/defined.js';
import type { ExtractRequest } from '../contract/input.js';
import { DAILY_EXPORT_QUOTA_BYTES } from '../contract/limits.js';
import type { JobCompleted } from '../contract/messages.js';
import type {
  Estimate,
  ExtractProgress,
  ExtractStage,
  Wait,
  WindowState,
  WindowSummary,
} from '../contract/progress.js';
import { halvesOf, windowName, windowsOf, type Window } from '../contract/windows.js';
import { cut } from '../text/clean.js';
import { shareWait } from './quota-share.js';
import type { WindowRecord } from './window-record.js';

/** Windows whose child is open beyond those that hold a slot: they transfer or are being closed. */
const CHILDREN_BEYOND_SLOTS = 2;

/** Warnings go to an activity as one argument, of which Temporal takes 2 MiB; a character takes up to 6 bytes in JSON. */
const MAX_WARNINGS = 300;
const MAX_WARNING_CHARACTERS = 1000;

/** All that a run knows, changed only by its workflow and its message handlers. Pure: no Temporal in here. */
export class RunState {
  stage: ExtractStage = 'planning';
  paused = false;
  concurrency: number;
  wait: Wait | undefined;
  windows: WindowRecord[] = [];
  /** Windows that were replaced by their halves. */
  readonly halved: Window[] = [];
  readonly warnings: string[] = [];
  /** Set when a failure would meet every further window too. */
  stopped = false;
  private exportingSinceMilliseconds = 0;
  private plan: PlanSummary | undefined;

  constructor(private readonly request: ExtractRequest) {
    this.concurrency = request.concurrency;
  }

  /** Lays out the windows of the pinned plan; those taken over need no job. */
  begin(plan: PlanSummary, nowMilliseconds: number): void {
    this.plan = plan;
    for (const warning of plan.warnings) this.warn(warning);
    this.halved.push(...plan.halved);
    const takenOver = new Map(plan.takenOver.map((part) => [part.window, part]));
    this.windows = windowsOf(plan, plan.halved).map((window) => {
      const part = takenOver.get(windowName(window));
      if (!part) return newWindow(window);
      return { ...newWindow(window), state: 'taken over', records: part.records, bytes: part.bytes };
    });
    this.exportingSinceMilliseconds = nowMilliseconds;
  }

  /** @param name see `windowName` */
  find(name: unknown): WindowRecord | undefined {
    return this.windows.find((window) => windowName(window) === name);
  }

  in(state: WindowState): WindowRecord[] {
    return this.windows.filter((window) => window.state === state);
  }

  /** Keeps a warning, once, cut; of too many the last one says so. */
  warn(text: string): void {
    const warning = cut(text, MAX_WARNING_CHARACTERS);
    if (this.warnings.includes(warning) || this.warnings.length > MAX_WARNINGS) return;
    this.warnings.push(this.warnings.length < MAX_WARNINGS ? warning : 'There are more warnings than are kept');
  }

  /** The next window to start, if a slot, a child and a share of the quota are free for it. */
  next(nowMilliseconds: number): WindowRecord | undefined {
    const window = this.nextBySlots();
    return window && !this.shareWait(nowMilliseconds) ? window : undefined;
  }

  /** Why the next window does not start although there is a slot: the run has exported its share of the day's quota. */
  shareWait(nowMilliseconds: number): Wait | undefined {
    const window = this.nextBySlots();
    const { megabytesPerDay } = this.request;
    if (!window || megabytesPerDay === undefined) return undefined;
    return shareWait(megabytesPerDay, this.windows, window, nowMilliseconds);
  }

  private nextBySlots(): WindowRecord | undefined {
    if (this.paused || this.stopped) return undefined;
    const exporting = this.in('exporting').length;
    const open = exporting + this.in('transferring').length;
    if (exporting >= this.concurrency || open >= this.concurrency + CHILDREN_BEYOND_SLOTS) return undefined;
    return this.windows.find((window) => window.state === 'pending');
  }

  /** True while something is open or could still be started. */
  unfinished(): boolean {
    return this.windows.some(
      ({ state }) => state === 'exporting' || state === 'transferring' || (state === 'pending' && !this.stopped),
    );
  }

  /** Frees the window's slot; told again, it changes nothing. */
  jobCompleted({ window: name, records, bytes }: JobCompleted, nowMilliseconds: number): void {
    const window = this.find(name);
    if (window?.state !== 'exporting') return;
    window.state = 'transferring';
    window.exportedAt = nowMilliseconds;
    delete window.wait;
    if (records !== undefined) window.records = records;
    if (bytes !== undefined) window.bytes = bytes;
  }

  /** A window's file is verified. */
  completed(
    window: WindowRecord,
    { records, bytes }: { records: number; bytes: number },
    nowMilliseconds: number,
  ): void {
    window.exportedAt ??= nowMilliseconds;
    Object.assign(window, { state: 'completed', records, bytes });
  }

  /** Whether a window is long enough to be replaced by its halves. */
  divisible(window: Window): boolean {
    return halvesOf(window, this.request.windowOverlapSeconds) !== undefined;
  }

  /** Replaces a window that Marketo cannot export by its halves. False where it is too short for that. */
  halve(window: WindowRecord): boolean {
    const halves = halvesOf(window, this.request.windowOverlapSeconds);
    if (!halves) return false;
    const { startAt, endAt, updated, lostCreates } = window;
    this.halved.push({ startAt, endAt, ...defined({ updated }) });
    const [first, second] = halves.map(newWindow);
    if (!first || !second) return false;
    this.windows.splice(this.windows.indexOf(window), 1, { ...first, lostCreates }, second);
    return true;
  }

  /** A failed window becomes pending again. Anything else is not there to be retried. */
  retry(name: unknown): boolean {
    const window = this.find(name);
    if (window?.state !== 'failed') return false;
    Object.assign(window, { state: 'pending', jobs: 0 });
    delete window.reason;
    this.stopped = false;
    return true;
  }

  /** Keeps the wait of a window, or of the run itself. */
  waitChanged(name: string | undefined, wait: Wait | null): void {
    if (name === undefined) {
      this.wait = wait ?? undefined;
      return;
    }
    const window = this.find(name);
    if (!window) return;
    if (wait) window.wait = wait;
    else delete window.wait;
  }

  progress(nowMilliseconds: number): ExtractProgress {
    const wait = this.wait ?? (this.stage === 'exporting' ? this.shareWait(nowMilliseconds) : undefined);
    return {
      stage: this.stage,
      paused: this.paused,
      concurrency: this.concurrency,
      destination: this.request.destination,
      ...(this.plan && planned(this.plan)),
      windows: {
        total: this.windows.length,
        pending: this.in('pending').length,
        exporting: this.in('exporting').length,
        transferring: this.in('transferring').length,
        completed: this.in('completed').length,
        'taken over': this.in('taken over').length,
        failed: this.in('failed').length,
      },
      records: sum(this.windows.map((window) => window.records)),
      bytes: sum(this.windows.map((window) => window.bytes)),
      current: this.windows
        .filter(({ state }) => state === 'exporting' || state === 'transferring' || state === 'failed')
        .map(summaryOf),
      warnings: this.warnings,
      ...defined({ wait, estimate: this.estimate(nowMilliseconds) }),
    };
  }

  /** From the pace so far; unknown until the first job of this run has completed, and once nothing is left. */
  private estimate(nowMilliseconds: number): Estimate | undefined {
    const done = this.windows.filter(({ state }) => state === 'transferring' || state === 'completed');
    const left = this.in('pending').length + this.in('exporting').length;
    if (done.length === 0 || left === 0) return undefined;
    const secondsEach = (nowMilliseconds - this.exportingSinceMilliseconds) / 1000 / done.length;
    const bytesLeft = Math.round((sum(done.map((window) => window.bytes)) / done.length) * left);
    return {
      secondsLeft: Math.round(secondsEach * left),
      bytesLeft,
      quotaDays: Math.ceil((sum(this.windows.map((window) => window.bytes)) + bytesLeft) / DAILY_EXPORT_QUOTA_BYTES),
    };
  }
}

function planned({ startAt, endAt, mode, fullBecause }: PlanSummary): Partial<ExtractProgress> {
  return { startAt, endAt, mode, ...defined({ fullBecause }) };
}

function newWindow(window: Window): WindowRecord {
  return { ...window, state: 'pending', jobs: 0, lostCreates: 0 };
}

function summaryOf({ startAt, endAt, updated, state, records, bytes, wait, reason }: WindowRecord): WindowSummary {
  return { startAt, endAt, state, ...defined({ updated, records, bytes, wait, reason }) };
}

function sum(numbers: readonly (number | undefined)[]): number {
  return numbers.reduce<number>((total, number) => total + (number ?? 0), 0);
}

import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import type { RunRef } from '../contract/activities.js';
import { changes } from './changes.js';
import { cut } from '../text/clean.js';
import { describeOutcome, type Outcome } from './outcome.js';
import { render, type Line } from './render.js';
import type { Snapshot } from './snapshot.js';
import { note, say, type Screen, type Terminal } from './terminal.js';

/** How a run is shown while it is followed. */
export interface View {
  /** Called first. `existing`: the run was there before. */
  started(run: RunRef, existing: boolean): void;
  /** Called for each look at the run, whether something has changed or not. */
  show(snapshot: Snapshot): void;
  /** Called when the run has closed. */
  ended(outcome: Outcome): void;
  /** Called when the run is left to itself. */
  detached(run: RunRef): void;
  /** Gives the terminal back, however following ends. */
  close?(): void;
}

/** Lines that are drawn over on a terminal, plain lines of what changes elsewhere, or JSON for machines. */
export function createView(terminal: Terminal, json: boolean): View {
  if (json) return new JsonView(terminal);
  return terminal.stdout.isTTY === true ? new LiveView(terminal) : new PlainView(terminal);
}

/** How to come back to a run. */
export function watchCommand(workflowId: string): string {
  const quoted = /^[\w./:@-]+$/.test(workflowId) ? workflowId : `'${workflowId.replaceAll("'", `'\\''`)}'`;
  return `marketo-lead-extract watch --workflow-id ${quoted}`;
}

/** Lines as they go to a terminal: cut to its width, painted unless `NO_COLOR` is set (no-color.org). */
export function paint(lines: readonly Line[], { columns = 80 }: Pick<Screen, 'columns'>, colours: boolean): string {
  return lines
    .map(({ text, style }) => {
      const fitting = cut(text, columns - 1);
      return style && colours ? styleText(style, fitting, { validateStream: false }) : fitting;
    })
    .join('\n');
}

export function wantsColours(env: NodeJS.ProcessEnv): boolean {
  return (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

/** One redraw a second at most: countdowns need no more. */
const REDRAW_MILLISECONDS = 1000;

class LiveView implements View {
  private readonly draw;
  private readonly timer: NodeJS.Timeout;
  private snapshot: Snapshot | undefined;

  constructor(private readonly terminal: Terminal) {
    this.draw = createLogUpdate(terminal.stdout);
    this.timer = setInterval(() => {
      this.redraw();
    }, REDRAW_MILLISECONDS);
  }

  started(run: RunRef, existing: boolean): void {
    say(this.terminal, startedSentence(run, existing));
  }

  show(snapshot: Snapshot): void {
    const first = this.snapshot === undefined;
    this.snapshot = snapshot;
    if (first) this.redraw();
  }

  ended(outcome: Outcome): void {
    this.draw.clear();
    for (const line of describeOutcome(outcome)) say(this.terminal, line);
  }

  detached(run: RunRef): void {
    this.draw.done();
    for (const line of detachedLines(run)) say(this.terminal, line);
  }

  close(): void {
    clearInterval(this.timer);
    this.draw.done();
  }

  private redraw(): void {
    if (!this.snapshot) return;
    const { stdout, env } = this.terminal;
    const lines = [
      ...render(this.snapshot, Date.now()).slice(0, Math.max(2, (stdout.rows ?? 24) - 3)),
      { text: 'Ctrl-C stops watching; the run goes on.', style: 'dim' as const },
    ];
    this.draw(paint(lines, stdout, wantsColours(env)));
  }
}

class PlainView implements View {
  private snapshot: Snapshot | undefined;

  constructor(private readonly terminal: Terminal) {}

  started(run: RunRef, existing: boolean): void {
    say(this.terminal, startedSentence(run, existing));
  }

  show(snapshot: Snapshot): void {
    for (const line of changes(this.snapshot, snapshot)) say(this.terminal, `${now()} ${line}`);
    this.snapshot = snapshot;
  }

  ended(outcome: Outcome): void {
    for (const line of describeOutcome(outcome)) say(this.terminal, line);
  }

  detached(run: RunRef): void {
    for (const line of detachedLines(run)) note(this.terminal, line);
  }
}

/** One JSON object a line: `started`, then `progress` whenever it differs, then `ended` or `detached`. */
class JsonView implements View {
  private last = '';

  constructor(private readonly terminal: Terminal) {}

  started({ workflowId, runId }: RunRef, existing: boolean): void {
    this.write({ event: 'started', workflowId, runId, existing });
  }

  show({ progress, trouble, status }: Snapshot): void {
    const event = {
      event: 'progress',
      status,
      ...(progress && { progress }),
      ...(trouble !== undefined && { trouble }),
    };
    // The estimate changes with the clock alone: that is no news.
    const news = JSON.stringify(event, (key, value: unknown) => (key === 'estimate' ? undefined : value));
    if (news !== this.last) this.write(event);
    this.last = news;
  }

  ended(outcome: Outcome): void {
    this.write({ event: 'ended', ...outcome });
  }

  detached({ workflowId, runId }: RunRef): void {
    this.write({ event: 'detached', workflowId, runId });
  }

  private write(event: unknown): void {
    say(this.terminal, JSON.stringify(event));
  }
}

function startedSentence({ workflowId, runId }: RunRef, existing: boolean): string {
  return `${existing ? 'Following' : 'Started'} run "${workflowId}" (${runId})`;
}

function detachedLines({ workflowId }: RunRef): string[] {
  return ['The run goes on without you. Come back with:', `  ${watchCommand(workflowId)}`];
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import type { RunRef } from '../contract/activities.js';
import { changes } from './changes.js';
import { cut, oneLine } from '../text/clean.js';
import { describeOutcome, type Outcome } from './outcome.js';
import { render, SEPARATOR, type Line } from './render.js';
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
  const drawable = terminal.stdout.isTTY === true && terminal.env['TERM'] !== 'dumb';
  return drawable ? new LiveView(terminal) : new PlainView(terminal);
}

/** How to come back to a run. */
export function watchCommand(workflowId: string): string {
  const quoted = /^[\w./:@-]+$/.test(workflowId) ? workflowId : `'${workflowId.replaceAll("'", `'\\''`)}'`;
  return `marketo-lead-extract watch --workflow-id ${quoted}`;
}

/** A line broken between what it says, as often as the width asks for; what is too long even so is cut. */
export function wrap({ text, ...rest }: Line, width: number): Line[] {
  const [first = '', ...parts] = text.split(SEPARATOR);
  const lines = [first];
  for (const part of parts) {
    const longer = `${lines.at(-1) ?? ''}${SEPARATOR}${part}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(`    ${part}`);
  }
  return lines.map((line) => ({ text: cut(line, width), ...rest }));
}

/** Lines as they go to a terminal: fit for its width, painted unless `NO_COLOR` is set (no-color.org). */
export function paint(lines: readonly Line[], { columns = 80 }: Pick<Screen, 'columns'>, colours: boolean): string[] {
  return lines
    .flatMap((line) => wrap(line, columns - 1))
    .map(({ text, style }) => (style && colours ? styleText(style, text, { validateStream: false }) : text));
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
    const lines = this.snapshot?.progress?.warnings.map((warning) => `Warning: ${oneLine(warning)}`) ?? [];
    for (const line of [...lines, ...describeOutcome(outcome)]) say(this.terminal, line);
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
    const colours = wantsColours(env);
    const lines = paint(render(this.snapshot, Date.now()), stdout, colours);
    const hint = paint([{ text: 'Ctrl-C stops watching; the run goes on.', style: 'dim' }], stdout, colours);
    this.draw([...lines.slice(0, Math.max(2, (stdout.rows ?? 24) - 3)), ...hint].join('\n'));
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

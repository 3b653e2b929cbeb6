import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import wrapAnsi from 'wrap-ansi';
import type { RunRef } from '../contract/activities.js';
import { changes } from './changes.js';
import { cut, oneLine } from '../text/clean.js';
import { headline } from '../text/headline.js';
import { describeOutcome, nextSteps, quoted, type Outcome } from '../runs/outcome.js';
import { knownProgress, type Snapshot } from '../runs/snapshot.js';
import { SEPARATOR } from '../runs/window-text.js';
import { render, type Line } from './render.js';
import { event, note, say, type Screen, type Terminal } from './terminal.js';

/** How a run is shown while it is followed. */
export interface View {
  /** Called first. `existing`: the run was there before; `url`: its page in the Web UI, where that is known. */
  started(run: RunRef, existing: boolean, url: string | undefined): void;
  /** Called for each look at the run, whether something has changed or not. */
  show(snapshot: Snapshot): void;
  /** Called when the run has closed, with how it was seen last. */
  ended(outcome: Outcome, last: Snapshot): void;
  /** Called when the run is left to itself. */
  detached(run: RunRef): void;
  /** Gives the terminal back, however following ends. */
  close?(): void;
}

/** Lines that are drawn over on a terminal, plain lines of what changes elsewhere, or JSON for machines. */
export function createView(terminal: Terminal, json: boolean): View {
  if (json) return new JsonView(terminal);
  const drawable = terminal.quiet !== true && terminal.stdout.isTTY === true && terminal.env['TERM'] !== 'dumb';
  return drawable ? new LiveView(terminal) : new PlainView(terminal);
}

/** How to come back to a run. */
export function watchCommand({ command }: Pick<Terminal, 'command'>, workflowId: string): string {
  return `${command} watch --workflow-id ${quoted(workflowId)}`;
}

/** A line broken between what it says, as often as the width asks for; what is too long even so between words. Nothing is wider. */
function wrap({ text, ...rest }: Line, width: number): Line[] {
  const [first = '', ...parts] = text.split(SEPARATOR);
  const lines = words(first, width);
  for (const part of parts) {
    const longer = `${lines.at(-1) ?? ''}${SEPARATOR}${part}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(...words(part, width - INDENT.length).map((line) => `${INDENT}${line}`));
  }
  return lines.map((line) => ({ text: cut(line, width), ...rest }));
}

/** What stands before the lines that a line goes on with. */
const INDENT = '    ';

/** A sentence in lines that are broken between words; a word that is too long is broken too. */
function words(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const start = /^ */.exec(text)?.[0] ?? '';
  const lines = wrapAnsi(text.trimStart(), Math.max(width - INDENT.length - start.length, 10), { hard: true }).split(
    '\n',
  );
  return lines.map((line, index) => `${start}${index === 0 ? '' : INDENT}${line}`);
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

  started(run: RunRef, existing: boolean, url: string | undefined): void {
    for (const line of startedLines(run, existing, url)) say(this.terminal, line);
  }

  show(snapshot: Snapshot): void {
    const first = this.snapshot === undefined;
    this.snapshot = snapshot;
    if (first) this.redraw();
  }

  ended(outcome: Outcome, last: Snapshot): void {
    this.draw.clear();
    for (const line of endedLines(outcome, last, this.terminal)) say(this.terminal, line);
  }

  detached(run: RunRef): void {
    this.draw.done();
    for (const line of detachedLines(run, this.terminal)) say(this.terminal, line);
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

  started(run: RunRef, existing: boolean, url: string | undefined): void {
    for (const line of startedLines(run, existing, url)) say(this.terminal, line);
  }

  show(snapshot: Snapshot): void {
    for (const line of changes(this.snapshot, snapshot)) say(this.terminal, `${now()} ${line}`);
    this.snapshot = snapshot;
  }

  ended(outcome: Outcome, last: Snapshot): void {
    for (const line of endedLines(outcome, last, this.terminal)) say(this.terminal, line);
  }

  detached(run: RunRef): void {
    for (const line of detachedLines(run, this.terminal)) note(this.terminal, line);
  }
}

/** One JSON object a line: `started`, then `progress` whenever it differs, then `ended` or `detached`. */
class JsonView implements View {
  private last = '';

  constructor(private readonly terminal: Terminal) {}

  started({ workflowId, runId }: RunRef, existing: boolean, url: string | undefined): void {
    this.write('started', { workflowId, runId, existing, ...(url !== undefined && { url }) });
  }

  show(snapshot: Snapshot): void {
    const { trouble, status } = snapshot;
    const progress = knownProgress(snapshot);
    const what = {
      status,
      ...(progress && { headline: headline(progress, { now: Date.now() }), progress }),
      ...(trouble !== undefined && { trouble }),
    };
    // Estimate and countdown change with the clock alone: that is no news.
    const clocks = new Set(['estimate', 'headline']);
    const news = JSON.stringify(what, (key, value: unknown) => (clocks.has(key) ? undefined : value));
    if (news !== this.last) this.write('progress', what);
    this.last = news;
  }

  ended(outcome: Outcome): void {
    this.write('ended', outcome);
  }

  detached({ workflowId, runId }: RunRef): void {
    this.write('detached', { workflowId, runId });
  }

  private write(name: string, what: object): void {
    say(this.terminal, event(name, what));
  }
}

function startedLines({ workflowId, runId }: RunRef, existing: boolean, url: string | undefined): string[] {
  const run = `${existing ? 'Following' : 'Started'} run "${workflowId}" (${runId})`;
  return url === undefined ? [run] : [run, url];
}

/** What a person should know at the end: warnings too, which the screen has lost by then, and what may be typed next. */
function endedLines(outcome: Outcome, { workflowId, progress }: Snapshot, { command }: Terminal): string[] {
  const destination = outcome.status === 'completed' ? outcome.result.destination : progress?.destination;
  return [
    ...(progress?.warnings ?? []).map((warning) => `Warning: ${oneLine(warning)}`),
    ...describeOutcome(outcome),
    ...(destination === undefined ? [] : nextSteps(outcome, { command, workflowId, destination })),
  ];
}

function detachedLines({ workflowId }: RunRef, terminal: Terminal): string[] {
  return ['The run goes on without you. Come back with:', `  ${watchCommand(terminal, workflowId)}`];
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

import type { ExtractProgress } from '../contract/progress.js';
import { html, type Html, type HtmlValue } from '../report/html.js';
import { standing, type ListedRun } from '../runs/listed-run.js';
import { isOpen, knownProgress, says, type Snapshot } from '../runs/snapshot.js';
import { oneLine } from '../text/clean.js';
import { finishedWindows } from '../text/progress.js';

/** Parts that the list and a run's page both have. */

/** A heading with what it is about. */
export function section(title: string, content: HtmlValue): Html {
  return html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;
}

/** What an open run is doing. The clock of the reader's machine is not known: times are Central and UTC. */
export function openHeadline(snapshot: Snapshot, now?: number): string {
  const progress = knownProgress(snapshot);
  if (progress) return says(progress, { zone: 'UTC', ...(now !== undefined && { now }) });
  return isOpen(snapshot) ? 'Where this run stands is not known just now.' : 'Ended.';
}

/** How far a run is, as a bar; nothing as long as there is no window. */
export function bar(progress: ExtractProgress | undefined): Html | undefined {
  if (!progress || progress.windows.total === 0) return undefined;
  const { total } = progress.windows;
  return html`<progress value="${finishedWindows(progress)}" max="${total}" aria-label="Windows done"></progress>`;
}

/** Why the facts are missing or old. */
export function troubleBox(trouble: string | undefined): Html | undefined {
  return trouble === undefined ? undefined : html`<p class="trouble">${sentence(oneLine(trouble))}</p>`;
}

/** Text in which something to be typed stands between backticks. */
export function sentence(text: string): HtmlValue {
  return text.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`));
}

/** How a run stands in a word, with a colour that says nothing more. */
export function state(run: Pick<ListedRun, 'stage' | 'status'>): Html {
  return html`<span class="state ${colourOf(run)}">${standing(run)}</span>`;
}

function colourOf({ stage, status }: Pick<ListedRun, 'stage' | 'status'>): string {
  if (stage === 'waiting for retryWindow') return 'stuck';
  if (status === 'RUNNING' || status === 'PAUSED') return 'open';
  if (status === 'COMPLETED') return 'good';
  return status === 'FAILED' || status === 'TIMED_OUT' ? 'bad' : 'ended';
}

/** Commands to be typed, and what they are for. Lines that are indented are commands. */
export function commandLines(lines: readonly string[]): Html[] {
  return lines.map((line) =>
    line.startsWith('  ') ? html`<pre><code>${line.trim()}</code></pre>` : html`<p>${line}</p>`,
  );
}

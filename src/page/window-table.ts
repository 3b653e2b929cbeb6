import { windowName } from '../contract/windows.js';
import type { ExtractProgress, WindowSummary } from '../contract/progress.js';
import { html, type Html } from '../report/html.js';
import type { Snapshot } from '../runs/snapshot.js';
import { windowText } from '../runs/window-text.js';
import { days } from '../text/format.js';
import { waitOf } from '../text/headline.js';

/** The windows that are open or failed, a row each. @param now milliseconds since 1970 */
export function windowTable(progress: ExtractProgress, { windows }: Pick<Snapshot, 'windows'>, now: number): Html {
  // What all of them wait for is the headline.
  const quiet = waitOf(progress)?.until !== undefined;
  const row = (window: WindowSummary): Html =>
    html`<tr role="row" class="${window.state === 'failed' ? 'bad' : 'open'}">
      <th scope="row" role="rowheader">${days(window)}</th>
      <td role="cell" class="text">${windowText(window, windows[windowName(window)] ?? {}, quiet, now)}</td>
    </tr> `;
  return html`<div class="scroll">
    <table role="table" aria-label="Open and failed windows">
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">Window</th>
          <th scope="col" role="columnheader" class="text">What it does</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${progress.current.map(row)}
      </tbody>
    </table>
  </div>`;
}

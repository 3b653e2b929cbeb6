import type { ManifestWindow } from '../contract/manifest.js';
import { spansOf, type Span } from './facts.js';
import { count, days, duration, size } from '../text/format.js';
import { html, type Html } from './html.js';

/** Digits of a checksum that tell two files apart at a glance; the manifest has them all. */
const SHOWN_DIGITS = 12;

/** The manifest's windows, a row each. */
export function windowTable(windows: readonly ManifestWindow[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Windows">
    <table>
      <thead>
        <tr>
          <th scope="col">Window</th>
          <th scope="col">Leads</th>
          <th scope="col">Duplicates</th>
          <th scope="col">Quoted anew</th>
          <th scope="col">Size</th>
          <th scope="col">Queue</th>
          <th scope="col">Processing</th>
          <th scope="col">Transfer</th>
          <th scope="col" class="left">Export job</th>
          <th scope="col" class="left">SHA-256</th>
        </tr>
      </thead>
      <tbody>
        ${windows.map(row)}
      </tbody>
    </table>
  </div>`;
}

function row(window: ManifestWindow): Html {
  const { leads, duplicates, mended, bytes, exportId, sha256, takenOver } = window;
  const spans = spansOf(window);
  return html`<tr>
    <td>${days(window)}${takenOver ? ' *' : ''}</td>
    <td>${count(leads)}</td>
    <td>${count(duplicates)}</td>
    <td>${count(mended)}</td>
    <td>${bytes === 0 ? '–' : size(bytes)}</td>
    <td>${took(spans, 'queue')}</td>
    <td>${took(spans, 'processing')}</td>
    <td>${took(spans, 'transfer')}</td>
    <td class="left"><code>${exportId}</code></td>
    <td class="left">
      ${sha256 === undefined ? '–' : html`<code title="${sha256}">${sha256.slice(0, SHOWN_DIGITS)}</code>`}
    </td>
  </tr> `;
}

function took(spans: readonly Span[], stage: Span['stage']): string {
  const span = spans.find((one) => one.stage === stage);
  return span ? duration((span.to - span.from) / 1000) : '–';
}

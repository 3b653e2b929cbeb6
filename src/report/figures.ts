import { html, type Html } from './html.js';

/** What stands in large digits, and what it counts. */
export type Figure = readonly [name: string, value: string];

/** Figures side by side. */
export function figures(list: readonly Figure[]): Html {
  return html`<dl class="figures">
    ${list.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div> `,
    )}
  </dl>`;
}

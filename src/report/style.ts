import { Html } from './html.js';
import { WIDTHS } from './widths.js';

/** The style sheet of a report: light and dark, narrow and wide, on paper. The charts take their colours from it. */
export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --ground: #fff; --raised: #f5f6f8; --text: #1b1f24; --quiet: #596069; --line: #d9dde2;
  --accent: #0b69b7; --queue: #d98a00; --processing: #0b69b7; --transfer: #00875f; --warn: #b3261e; --good: #00744f;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --raised: #1e2227; --text: #e6e8eb; --quiet: #a2aab3; --line: #343a41;
    --accent: #5bb0f0; --queue: #f0b34a; --processing: #5bb0f0; --transfer: #39c79a; --warn: #ff8a80; --good: #4fd1a5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: ${WIDTHS.wide + 32}px; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { margin: .5rem 0; }
.quiet, figcaption, dt { color: var(--quiet); }
code { font: .875em/1.4 ui-monospace, monospace; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; }
.figures div { background: var(--raised); border-radius: .5rem; padding: .6rem .8rem; }
.figures dd { margin: 0; font-size: 1.2rem; font-weight: 600; overflow-wrap: normal; font-variant-numeric: tabular-nums; }
.details { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .25rem 1rem; }
.details dd { margin: 0; }
.warnings { border-left: .25rem solid var(--queue); padding: .25rem .25rem .25rem 2rem; margin: 1rem 0; }
.checks { list-style: none; padding: 0; margin: .5rem 0; }
.checks li { padding-left: 1.75rem; text-indent: -1.75rem; margin: .35rem 0; }
.checks li::before { content: "\\2713"; display: inline-block; width: 1.75rem; text-indent: 0; color: var(--good); font-weight: 700; }
.checks li.wrong::before { content: "\\2717"; color: var(--warn); }
figure { margin: .5rem 0; }
figure svg { display: block; width: 100%; height: auto; }
figure .narrow { display: none; }
.key { display: inline-block; width: .75em; height: .75em; margin: 0 .3em; border-radius: .15em; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.entry { white-space: nowrap; margin-right: .5em; }
.key.queue { background: var(--queue); } .key.processing { background: var(--processing); } .key.transfer { background: var(--transfer); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
@media screen and (min-width: 1000px) {
  .scroll { width: min(100vw - 4rem, 76rem); margin-left: calc(50% - min(100vw - 4rem, 76rem) / 2); }
}
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { background: var(--raised); text-align: right; font-weight: 600; }
th:first-child, td:first-child, .left { text-align: left; }
tbody tr:last-child td { border-bottom: 0; }
.bars { width: 60%; }
.bar { display: block; height: .75em; border-radius: .15em; background: var(--accent); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
summary { cursor: pointer; }
@media screen and (max-width: 640px) {
  .bars { display: none; }
  .types th { white-space: normal; }
  figure .wide { display: none; }
  figure .narrow { display: block; }
  .details { grid-template-columns: 1fr; gap: 0; }
  .details dd { margin-bottom: .5rem; }
}
@media print {
  @page { margin: 14mm; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  .scroll { overflow: visible; border: 0; }
  table { font-size: 6.5pt; }
  th, td { padding: .15rem .25rem; }
  th { white-space: normal; }
  thead { display: table-header-group; }
  tr, figure, .figures, .warnings, .checks, .details { break-inside: avoid; }
  .figures { grid-template-columns: repeat(6, 1fr); }
  h2 { break-after: avoid; }
  .figures div { border: 1px solid var(--line); }
}
`);

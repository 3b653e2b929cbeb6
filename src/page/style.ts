import { STYLE } from '../report/style.js';

/** The style sheet of the page: that of the report, and what only the page has. */
export const PAGE_STYLE = `${STYLE.text}
body { padding-top: 0; }
a { color: var(--accent); }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .15rem; }
.bar { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1rem; padding: .75rem 0; margin-bottom: 1.25rem; border-bottom: 1px solid var(--line); }
.bar p { margin: 0; }
.skip:not(:focus), .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.headline { font-size: 1.2rem; line-height: 1.4; font-weight: 600; margin: .5rem 0 .75rem; }
h1 { font-size: 1.15rem; font-weight: 600; }
h1.headline { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .75rem; }
.card { background: var(--raised); border-radius: .5rem; padding: .9rem 1rem 1rem; margin: .75rem 0; }
.card > :last-child { margin-bottom: 0; }
nav { margin-bottom: .5rem; }
.card h3 { margin: 0; font-size: 1rem; }
.card .headline { font-size: 1.05rem; margin: .25rem 0 .6rem; }
progress { appearance: none; display: block; width: 100%; height: .7rem; margin: .5rem 0; border: 0; border-radius: .35rem; overflow: hidden; background: var(--line); color: var(--accent); }
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: var(--accent); }
progress::-moz-progress-bar { background: var(--accent); }
.trouble { border-left: .25rem solid var(--queue); padding: .25rem .75rem; margin: 1rem 0; }
.trouble.bad { border-color: var(--warn); }
.state { font-weight: 600; }
.state::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .45em; border-radius: 50%; background: var(--quiet); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.state.open::before { background: var(--accent); }
.state.good::before { background: var(--good); }
.state.bad::before { background: var(--warn); }
.state.stuck::before { background: var(--queue); }
table { font-size: .9rem; }
td { vertical-align: top; }
td.text { white-space: normal; text-align: left; }
th.text { text-align: left; }
tbody th { background: none; font-weight: 400; text-align: left; border-bottom: 1px solid var(--line); }
tbody th.text { white-space: normal; }
tbody tr:last-child th { border-bottom: 0; }
tr.bad td.text { color: var(--warn); }
pre { margin: .25rem 0 .75rem; padding: .6rem .8rem; background: var(--raised); border-radius: .5rem; white-space: pre-wrap; }
footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .875rem; }
.facts { list-style: none; padding: 0; margin: .5rem 0; }
@media screen and (min-width: 1000px) { .scroll { width: auto; margin-left: 0; } }
@media screen and (max-width: 640px) {
  h1.headline { font-size: 1.3rem; }
  table, tbody, tr, td, tbody th { display: block; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  tbody tr { padding: .5rem .75rem; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  td, tbody th { border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  td[data-label]::before { content: attr(data-label) ": "; color: var(--quiet); }
}
@media print {
  .bar, .skip, footer .refresh, #lost { display: none; }
  table { font-size: 8.5pt; }
  .card, .trouble, tr { break-inside: avoid; }
  .card, pre { border: 1px solid var(--line); }
  progress { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;

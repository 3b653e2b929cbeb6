// `npm run docs:performance`: puts what the benchmarks found (docs/benchmarks) into docs/performance.md and its charts; a
// test fails when they are stale.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatMarkdown, markdownTable } from '../scripts/markdown.js';
import { ROOT } from '../scripts/root.js';
import { CHARTED, chartOf } from './charts.js';
import { machineLine } from './machine.js';
import { cellText, type Report } from './report.js';
import type { Gate, Table } from './benchmark.js';

const PAGE = 'docs/performance.md';

/** The page and its charts as they must be, by their path in the repository. The page's own text is kept. */
export async function performanceFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  let page = await readFile(join(ROOT, PAGE), 'utf8');
  for (const name of CHARTED) {
    const report = JSON.parse(await readFile(join(ROOT, `docs/benchmarks/${name}.json`), 'utf8')) as Report;
    files.set(`docs/images/benchmarks/${name}.svg`, chartOf(report));
    page = replaceSection(page, name, sectionOf(report));
  }
  files.set(PAGE, await formatMarkdown(page));
  return files;
}

/** Puts text between the marks of a benchmark. @throws Error if the page has none */
function replaceSection(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no place for ${name}`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}

function sectionOf({ benchmark, measuredAt, machine, tables, gates, notes }: Report): string {
  return [
    `![${tables[0]?.title ?? benchmark}](images/benchmarks/${benchmark}.svg)`,
    ...tables.map(tableSection),
    gateTable(gates),
    `_${notes.join(' ')} ${machineLine(machine)}, ${measuredAt.slice(0, 10)}._`,
  ].join('\n\n');
}

function tableSection({ title, columns, rows }: Table): string {
  const cells = rows.map((row) => row.map(cellText));
  return `${title}:\n\n${markdownTable(columns, cells, 'right')}`;
}

function gateTable(gates: readonly Gate[]): string {
  const rows = gates.map(({ what, value, limit, kind }) => [what, cellText(value), `${kind} ${cellText(limit)}`]);
  return markdownTable(['must hold', 'measured', 'limit'], rows, 'right');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [path, text] of await performanceFiles()) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), text);
  }
}

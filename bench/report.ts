import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMet, type Cell, type Outcome, type Table } from './benchmark.js';
import { machineLine, type Machine } from './machine.js';

/** What is kept of a benchmark, in docs/benchmarks/<name>.json. */
export interface Report extends Outcome {
  readonly benchmark: string;
  readonly measuredAt: string;
  readonly machine: Machine;
}

/** Writes a report as JSON that is easy to read and to compare with the one before. */
export async function writeReport(directory: string, report: Report): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `${report.benchmark}.json`), `${JSON.stringify(report, null, 2)}\n`);
}

/** A report for the terminal. */
export function reportText({ tables, gates, notes, machine }: Report): string {
  const verdicts = gates.map((gate) => {
    const verdict = isMet(gate) ? 'met   ' : 'MISSED';
    return `${verdict}  ${gate.what}: ${cellText(gate.value)} (${gate.kind} ${cellText(gate.limit)})`;
  });
  return [...tables.map(tableText), verdicts.join('\n'), notes.join('\n'), machineLine(machine)]
    .filter((text) => text !== '')
    .join('\n\n');
}

/** A cell for people: three significant digits, whole numbers whole. */
export function cellText(cell: Cell): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell) || Math.abs(cell) >= 1000) return Math.round(cell).toLocaleString('en-US');
  return String(Number(cell.toPrecision(3)));
}

function tableText({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows.map((row) => row.map(cellText))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  return [title, ...text].join('\n');
}

import { format } from 'prettier';

/** A table in Markdown. All columns but the first are aligned as told: numbers to the right. */
export function markdownTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  others: 'left' | 'right' = 'left',
): string {
  const rule = columns.map((_, index) => (index > 0 && others === 'right' ? '--:' : '---'));
  return [columns, rule, ...rows].map(line).join('\n');
}

/** Markdown as the repository formats it. */
export function formatMarkdown(page: string): Promise<string> {
  return format(page, { parser: 'markdown', printWidth: 120 });
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

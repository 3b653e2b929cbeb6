import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/root.js';

/** Every page that users and contributors read, by its path in the repository. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** 1 for the first. */
  readonly line: number;
  /** Empty where it has none. */
  readonly language: string;
  readonly text: string;
  /** What the comment right above it says, `<!-- … -->`. */
  readonly remark?: string;
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** The fenced blocks of a page, those in lists too. */
export function blocksOf(page: string): Block[] {
  const lines = readPage(page).split('\n');
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent = '', language = ''] = /^(\s*)```(\w*)$/.exec(lines[index] ?? '') ?? [];
    if (!/^\s*```/.test(lines[index] ?? '')) continue;
    const end = lines.indexOf(`${indent}\`\`\``, index + 1);
    const above = lines.slice(0, index).findLast((line) => line.trim() !== '') ?? '';
    const remark = /^\s*<!-- (.*) -->$/.exec(above)?.[1];
    const text = lines.slice(index + 1, end).map((line) => line.slice(indent.length));
    blocks.push({ page, line: index + 1, language, text: text.join('\n'), ...(remark !== undefined && { remark }) });
    index = end;
  }
  return blocks;
}

/** Code within the text of a page, without what is in fenced blocks. */
export function inlineCodeOf(page: string): string[] {
  const prose = readPage(page).replaceAll(/^\s*```[^]*?^\s*```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: string): string[] {
  const text = readPage(page).replaceAll(/^\s*```[^]*?^\s*```$/gm, '');
  const seen = new Map<string, number>();
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

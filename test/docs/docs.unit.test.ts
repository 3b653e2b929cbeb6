import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../scripts/root.js';
import { cliPage } from '../../scripts/write-cli-page.js';
import { errorPage } from '../../scripts/write-error-table.js';
import { SCHEMAS, schemaFiles } from '../../scripts/write-schemas.js';
import { anchorsOf, PAGES, readPage } from './pages.js';

describe('the documents', () => {
  it('have the table of errors as the code has it', async () => {
    expect(readFileSync(join(ROOT, 'docs/errors.md'), 'utf8')).toBe(await errorPage());
  });

  it('have the schemas as the code has them', async () => {
    const files = await schemaFiles();
    expect(readdirSync(SCHEMAS).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(readFileSync(join(SCHEMAS, name), 'utf8')).toBe(text);
  });

  it('have the help of every command as the command gives it', async () => {
    expect(readFileSync(join(ROOT, 'docs/cli.md'), 'utf8')).toBe(await cliPage());
  });

  it.each(PAGES)('%s links to nothing that is not there', (page) => {
    const missing = linksOf(page).filter(({ path, anchor }) => {
      if (!existsSync(join(ROOT, path))) return true;
      return anchor !== undefined && path.endsWith('.md') && !anchorsOf(path).includes(anchor);
    });
    expect(missing).toEqual([]);
  });

  it('can all be reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const page of reached) {
      for (const { path } of linksOf(page)) if (PAGES.includes(path)) reached.add(path);
    }
    expect(PAGES.filter((page) => !reached.has(page))).toEqual([]);
  });
});

interface Link {
  /** In the repository. */
  readonly path: string;
  readonly anchor?: string;
}

/** Where a page links to within the repository. */
function linksOf(page: string): Link[] {
  return [...readPage(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(
    ([, target = '', anchor]) => ({
      path: target === '' ? page : join(dirname(page), target),
      ...(anchor !== undefined && { anchor }),
    }),
  );
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { toolPath } from '../../scripts/tools.js';
import { blocksOf, PAGES } from './pages.js';
import { commandLines } from './shell-lines.js';

const run = promisify(execFile);

describe("the commands of Temporal's CLI in the documents", () => {
  const lines = PAGES.flatMap(blocksOf)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => commandLines(text))
    .filter(([program]) => program === 'temporal')
    .map((words) => words.slice(1));
  const firstOption = (words: readonly string[]): number => words.findIndex((word) => word.startsWith('-'));

  it('have no option that the CLI does not have', async () => {
    const paths = new Map<string, Set<string>>();
    for (const words of lines) {
      const path = words.slice(0, firstOption(words)).join(' ');
      const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0] ?? '');
      paths.set(path, new Set([...(paths.get(path) ?? []), ...options]));
    }
    const unknown: string[] = [];
    for (const [path, options] of paths) {
      const { stdout } = await run(toolPath('temporal'), [...path.split(' '), '--help']);
      // A command that is not there shows the help of the one above it.
      if (!stdout.includes(`temporal ${path} [flags]`)) unknown.push(path);
      for (const option of options) if (!stdout.includes(`${option} `)) unknown.push(`${path} ${option}`);
    }
    expect(paths.size).toBeGreaterThan(6);
    expect(unknown).toEqual([]);
  });
});

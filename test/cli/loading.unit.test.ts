import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';

/** Packages that a file loads as soon as it is loaded itself, and its own files likewise. Types and awaited imports do not count. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  const imports = [...source.matchAll(/^(?:import|export) (?!type )(?:[^;'"]*? from )?'([^']+)';/gm)];
  const packages = new Set<string>();
  for (const [, name = ''] of imports) {
    if (!name.startsWith('.')) packages.add(name);
    else {
      const inner = join(dirname(file), name.replace(/\.js$/, '.ts'));
      for (const one of loadedBy(inner, seen)) packages.add(one);
    }
  }
  return packages;
}

describe('a command line is read', () => {
  it('without loading the worker, or a client of Temporal, Marketo or S3: --help answers at once', () => {
    const packages = [...loadedBy(join(ROOT, 'src/starter.ts'))];
    expect(packages).toContain('commander');
    expect(
      packages.filter((name) => /^(?:@temporalio|@aws-sdk|@smithy|@opentelemetry|@inquirer|got|roaring)/.test(name)),
    ).toEqual([]);
    expect([...loadedBy(join(ROOT, 'src/worker.ts'))]).toContain('@temporalio/worker');
  });
});

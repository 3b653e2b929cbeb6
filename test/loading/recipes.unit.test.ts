import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';
import { recipes } from './recipes.js';

describe('the page about loading', () => {
  const page = readFileSync(join(ROOT, 'docs/loading.md'), 'utf8');
  const engines = [...page.matchAll(/^\| ([A-Z`a-z ]+?) +\|.*\| +(.*?) +\|$/gm)]
    .map(([, engine = '', tried = '']) => ({ engine, tried }))
    .filter(({ engine }) => engine !== 'engine');

  it('has a recipe that is run for each engine that it says so of, and for no other', () => {
    const run = engines.filter(({ tried }) => tried.includes('by our tests')).map(({ engine }) => engine);
    const named = new Set(recipes().map(({ id }) => id.replace(/-\w+$/, '')));
    expect(run.map((engine) => engine.replace('Python', '').replaceAll('`', '').trim().toLowerCase())).toEqual(
      expect.arrayContaining([...named].map((name) => (name === 'postgres' ? 'postgresql' : name))),
    );
    expect(run).toHaveLength(named.size);
  });

  it('says of each other engine that no test tries it', () => {
    expect(engines.length).toBeGreaterThan(10);
    const others = engines.filter(({ tried }) => !tried.includes('by our tests'));
    expect(new Set(others.map(({ tried }) => tried))).toEqual(new Set(['by its documents only', 'by hand']));
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/root.js';

/** A code block of docs/loading.md that bears a name. */
export interface Recipe {
  readonly id: string;
  readonly language: string;
  readonly code: string;
}

/** The recipes of docs/loading.md: what users read is what the tests run. */
export function recipes(): readonly Recipe[] {
  const page = readFileSync(join(ROOT, 'docs/loading.md'), 'utf8');
  return [...page.matchAll(/<!-- run by test\/loading\/loading\.test\.ts as (\S+) -->\n+```(\w+)\n([^]*?)```/g)].map(
    ([, id = '', language = '', code = '']) => ({ id, language, code }),
  );
}

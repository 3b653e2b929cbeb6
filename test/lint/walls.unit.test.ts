import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runNode } from '../helpers/run-node.js';

const LINT_TEXT = fileURLToPath(new URL('./lint-text.js', import.meta.url));

interface Case {
  readonly name: string;
  readonly file: string;
  readonly code: string;
}

const row = (name: string, file: string, code: string): Case => ({ name, file, code });

/** What a wall stands against, and the wall: a rule of ESLint. */
const REFUSED: Readonly<Record<string, readonly Case[]>> = {
  'boundaries/dependencies': [
    row('contract takes nothing of other folders', 'src/contract/x.ts', "import '../bytes/crc32.js';"),
    row('contract takes nothing of Node', 'src/contract/x.ts', "import 'node:crypto';"),
    row('contract has no client of Temporal', 'src/contract/x.ts', "import '@temporalio/client';"),
    row('bytes takes nothing of other folders', 'src/bytes/x.ts', "import '../contract/defined.js';"),
    row('csv knows nothing of storage', 'src/csv/x.ts', "import '../storage/objects.js';"),
    row('csv knows nothing of Marketo', 'src/csv/x.ts', "import '../marketo/http.js';"),
    row('csv knows nothing of Temporal', 'src/csv/x.ts', "import '@temporalio/common';"),
    row('storage knows nothing of Marketo', 'src/storage/x.ts', "import '../marketo/http.js';"),
    row('storage knows nothing of activities', 'src/storage/x.ts', "import '../activities/attempt.js';"),
    row(
      'storage takes no types of activities',
      'src/storage/x.ts',
      "import type { A } from '../activities/attempt.js';",
    ),
    row('storage knows nothing of Temporal', 'src/storage/x.ts', "import '@temporalio/activity';"),
    row('storage cannot await an import either', 'src/storage/x.ts', "await import('../marketo/http.js');"),
    row('marketo knows nothing of Temporal', 'src/marketo/x.ts', "export * from '@temporalio/common';"),
    row('plan takes nothing of parts', 'src/plan/x.ts', "import '../parts/commit-part.js';"),
    row('parts takes nothing of merge', 'src/parts/x.ts', "import '../merge/publish.js';"),
    row('report takes nothing of merge', 'src/report/x.ts', "import '../merge/publish.js';"),
    row('merge takes nothing of activities', 'src/merge/x.ts', "import '../activities/attempt.js';"),
    row('merge knows nothing of Marketo', 'src/merge/x.ts', "import '../marketo/http.js';"),
    row('activities take nothing of workflows', 'src/activities/x.ts', "import '../workflows/index.js';"),
    row('activities take nothing of the worker', 'src/activities/x.ts', "import '../worker.js';"),
    row('workflows run no activity', 'src/workflows/x.ts', "import '../activities/index.js';"),
    row('workflows take nothing of csv', 'src/workflows/x.ts', "import type { A } from '../csv/header.js';"),
    row('workflows take nothing of Node', 'src/workflows/x.ts', "import 'node:crypto';"),
    row('workflows have no client of Temporal', 'src/workflows/x.ts', "import '@temporalio/client';"),
    row('cli runs no workflow', 'src/cli/x.ts', "import '../workflows/index.js';"),
    row('cli takes nothing of activities', 'src/cli/x.ts', "import type { A } from '../activities/index.js';"),
    row('cli takes nothing of the worker', 'src/cli/x.ts', "import '../worker.js';"),
    row('src takes nothing of the simulator', 'src/worker.ts', "import '../simulator/main.js';"),
    row('src takes nothing of tests', 'src/worker.ts', "import '../test/fixtures/rows.js';"),
    row('the simulator takes nothing of src', 'simulator/x.ts', "import '../src/csv/header.js';"),
    row('scripts take nothing of tests', 'scripts/x.ts', "import '../test/fixtures/rows.js';"),
    row('tests take nothing of bench', 'test/merge/x.ts', "import '../../bench/charts.js';"),
    row('fixtures take nothing of bench', 'test/fixtures/x.ts', "import '../../bench/charts.js';"),
    row('bench takes fixtures of tests only', 'bench/x.ts', "import '../test/helpers/s3.js';"),
    row('a folder that no table names takes nothing', 'src/novel/x.ts', "import '../csv/header.js';"),
  ],
  'import-x/no-duplicates': [
    row(
      'types and values come by one import',
      'src/csv/x.ts',
      "import { a } from 'zod';\nimport type { B } from 'zod';",
    ),
  ],
  'import-x/no-cycle': [
    row('nothing imports itself in a circle', 'src/csv/id-field.ts', "import { A } from './record-scanner.js';"),
  ],
  'no-restricted-syntax': [
    row('fields are private by name of the keyword', 'src/marketo/x.ts', 'export class A {\n  #a = 1;\n}'),
    row('methods are private by name of the keyword', 'test/x.ts', 'export class A {\n  #a(): void {}\n}'),
  ],
};

const ALLOWED: readonly Case[] = [
  row('csv takes bytes', 'src/csv/x.ts', "import '../bytes/crc32.js';"),
  row('csv takes the contract', 'src/csv/x.ts', "import '../contract/limits.js';"),
  row('storage takes Node and packages', 'src/storage/x.ts', "import 'node:stream';\nimport '@aws-sdk/client-s3';"),
  row('contract declares messages', 'src/contract/x.ts', "import '@temporalio/workflow';"),
  row('merge takes the report', 'src/merge/x.ts', "import '../report/write-report.js';"),
  row('workflows take types of activities', 'src/workflows/x.ts', "import type { A } from '../activities/index.js';"),
  row('cli takes types of workflows', 'src/cli/x.ts', "import type { a } from '../workflows/index.js';"),
  row('cli has a client of Temporal', 'src/cli/x.ts', "import '@temporalio/client';"),
  row('the worker takes all that it runs', 'src/worker.ts', "import './activities/index.js';\nimport './config.js';"),
  row('bench takes fixtures', 'bench/x.ts', "import '../test/fixtures/rows.js';"),
  row('tests of benchmarks take bench', 'test/bench/x.ts', "import '../../bench/charts.js';"),
];

const refused = Object.entries(REFUSED).flatMap(([rule, cases]) => cases.map((wall) => ({ ...wall, rule })));
const found = new Map<Case, readonly string[]>();

beforeAll(async () => {
  const cases = [...refused, ...ALLOWED];
  const { code, stdout, stderr } = await runNode([LINT_TEXT, JSON.stringify(cases)]);
  if (code !== 0) throw new Error(stderr);
  const answers = JSON.parse(stdout) as string[][];
  for (const [index, wall] of cases.entries()) found.set(wall, answers[index] ?? []);
});

describe('the walls', () => {
  it.each(refused)('$name', (wall) => {
    expect(found.get(wall)).toContain(wall.rule);
  });
});

describe('the doors', () => {
  it.each(ALLOWED)('$name', (door) => {
    expect((found.get(door) ?? []).filter((rule) => rule in REFUSED)).toEqual([]);
  });
});

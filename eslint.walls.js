// The architecture, as ESLint holds it: who may import whom. What a table does not name is refused, a new folder too.
import { builtinModules } from 'node:module';
import boundaries from 'eslint-plugin-boundaries';

/** Of use everywhere. */
const BASE = ['bytes', 'promises', 'contract', 'text'];
/** The three worlds that a file comes from and goes to; they do not know each other. */
const WORLDS = ['csv', 'storage', 'marketo'];

/** Folders of `src` and those whose code they may import, from the lowest up: nothing imports upwards. */
const LAYERS = {
  bytes: [],
  promises: [],
  contract: [],
  text: ['contract'],
  schema: ['contract'],
  http: BASE,
  csv: BASE,
  storage: [...BASE, 'http'],
  marketo: [...BASE, 'http'],
  plan: [...BASE, ...WORLDS],
  parts: [...BASE, ...WORLDS, 'plan'],
  report: [...BASE, 'storage', 'parts'],
  runs: [...BASE, 'parts'],
  page: [...BASE, 'http', 'report', 'runs'],
  merge: [...BASE, 'csv', 'storage', 'plan', 'parts', 'report'],
  activities: [...BASE, 'http', ...WORLDS, 'plan', 'parts', 'merge', 'report'],
  workflows: ['contract', 'text'],
  observability: [...BASE, 'http', 'storage', 'marketo'],
  cli: [...BASE, 'http', ...WORLDS, 'plan', 'parts', 'merge', 'schema', 'observability', 'runs', 'page'],
};

/** What a folder takes only types of, which leave no import behind. */
const TYPES_ONLY = {
  workflows: ['activities'],
  cli: ['workflows'],
};

/** Of Temporal's packages; the folders that are not named know nothing of Temporal. */
const TEMPORAL = {
  // How the messages and failures of a workflow are declared; a client and the workflow share them.
  contract: ['@temporalio/workflow', '@temporalio/common'],
  workflows: ['@temporalio/workflow', '@temporalio/common'],
  activities: ['@temporalio/activity', '@temporalio/client', '@temporalio/common'],
  observability: ['@temporalio/*'],
  runs: ['@temporalio/client', '@temporalio/common'],
  cli: ['@temporalio/client', '@temporalio/common', '@temporalio/envconfig'],
};

/** Workflow code, and what it takes values from, runs in Temporal's sandbox: there is nothing of Node. */
const WITHOUT_NODE = ['contract', 'text', 'workflows'];

/** Folders beside `src`. `src` takes nothing of them: it is what ships. */
const BESIDE = {
  simulator: [],
  scripts: ['src', 'simulator'],
  bench: ['src', 'simulator', 'scripts', 'fixtures'],
  fixtures: ['src', 'simulator', 'scripts'],
  test: ['src', 'simulator', 'scripts', 'fixtures'],
  // Tests of the benchmarks themselves.
  'bench tests': ['bench', 'scripts'],
};

const layers = Object.keys(LAYERS);
/** `src` in a table stands for all of it. */
const spelledOut = (names) => names.flatMap((name) => (name === 'src' ? [...layers, 'entry points'] : [name]));

const allow = (from, to, dependency) => ({
  from: { element: { type: from } },
  allow: { to, ...(dependency && { dependency }) },
});
const elements = (names) => ({ element: { types: { anyOf: spelledOut(names) } } });
const filled = (table) => Object.entries(table).filter(([, names]) => names.length > 0);

const policies = [
  ...filled({ ...LAYERS, ...BESIDE }).map(([from, to]) => allow(from, elements(to))),
  // The files of `src` itself put the layers together; a new folder that no table names is part of nothing.
  {
    from: { element: { type: 'entry points', fileInternalPath: '*.ts' } },
    allow: { to: elements(['src']) },
  },
  // The environment is explained, checked and written by the command line too.
  allow('cli', { element: { type: 'entry points', fileInternalPath: '{config,environment-files}.ts' } }),
  ...filled(TYPES_ONLY).map(([from, to]) => allow(from, elements(to), { kind: 'type' })),
  // Packages and Node are free for all, except what follows.
  { allow: { to: { module: { origin: ['external', 'core'] } } } },
  ...layers.map((from) => ({
    from: { element: { type: from } },
    disallow: { to: { module: { origin: 'external', source: '@temporalio/*' } } },
    message: `src/${from} does not know this package of Temporal.`,
  })),
  ...filled(TEMPORAL).map(([from, source]) => allow(from, { module: { origin: 'external', source } })),
  ...WITHOUT_NODE.map((from) => ({
    from: { element: { type: from } },
    disallow: { to: { module: { origin: 'core' } } },
    message: `src/${from} also runs in Temporal's sandbox, where there is nothing of Node.`,
  })),
];

export const walls = {
  plugins: { boundaries },
  settings: {
    'import/resolver': { typescript: { alwaysTryTypes: true } },
    'boundaries/include': ['src/**', 'simulator/**', 'scripts/**', 'bench/**', 'test/**'],
    'boundaries/elements': [
      ...layers.map((type) => ({ type, pattern: `src/${type}`, partialMatch: false })),
      { type: 'entry points', pattern: 'src', partialMatch: false },
      { type: 'fixtures', pattern: 'test/fixtures', partialMatch: false },
      { type: 'bench tests', pattern: 'test/bench', partialMatch: false },
      ...['simulator', 'scripts', 'bench', 'test'].map((type) => ({ type, pattern: type, partialMatch: false })),
    ],
  },
  rules: {
    'boundaries/dependencies': [
      'error',
      { default: 'disallow', checkAllOrigins: true, checkUnknownLocals: true, policies },
    ],
    'boundaries/no-unknown-files': 'error',
  },
};

const shared = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

/** Folders of tests that need neither Temporal nor S3: run alone, they start no server. */
const ALONE = [
  'activities',
  'config',
  'contract',
  'csv',
  'docs',
  'deploy',
  'marketo',
  'plan',
  'report',
  'scripts',
  'simulator',
];

export default {
  // A bound for what hangs, not a measure: the machine may be busy with something else.
  testTimeout: 300_000,
  // The dev server, SeaweedFS and worker processes share two cores with the tests: more files at once only add noise.
  maxWorkers: 2,
  projects: [
    {
      ...shared,
      displayName: 'alone',
      testMatch: ALONE.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
    },
    {
      ...shared,
      displayName: 'servers',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [`<rootDir>/test/(?:${ALONE.join('|')})/`],
      globalSetup: '<rootDir>/test/helpers/global-setup.js',
      globalTeardown: '<rootDir>/test/helpers/global-teardown.js',
    },
  ],
};

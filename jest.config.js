const shared = {
  testEnvironment: '<rootDir>/test/helpers/environment.js',
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

export default {
  // The dev server, SeaweedFS and worker processes share two cores with the tests: more files at once only add noise.
  maxWorkers: 3,
  // Modules that are loaded as ES modules are kept by the process for good (jestjs/jest#14605): it begins anew between files.
  workerIdleMemoryLimit: '1.5GB',
  // Tests that run at once within a file, mostly waiting: for a heartbeat that is missed, a delay of a retry. Those of one
  // `describe` do, but one `describe` after the other: what waits belongs into the same.
  maxConcurrency: 8,
  // A bound for what hangs, not a measure: the machine may be busy with something else. Jest heeds no project's own.
  testTimeout: 300_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.unit.test.ts'],
    },
    {
      ...shared,
      displayName: 'services',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.unit\\.test\\.ts$'],
      globalSetup: '<rootDir>/test/helpers/global-setup.js',
      globalTeardown: '<rootDir>/test/helpers/global-teardown.js',
    },
  ],
};

/** @type {import('knip').KnipConfig} */
export default {
  // What is started by its path in lib/.
  entry: [
    'src/starter.ts',
    'src/merge/formats/parquet/{child,reader-child}.ts',
    'simulator/main.ts',
    'scripts/{bundle-workflows,check-compose,check-deploy,demo,record-histories,tools,write-cli-page,write-error-table,write-schemas}.ts',
    'scripts/{ensure,test-summary}.js',
    'bench/{duckdb-alone,main,soak,storm,write-performance}.ts',
    'bench/instance/main.ts',
    'test/helpers/{environment,global-setup,global-teardown}.js',
    'test/**/*.test.ts',
    'test/lint/lint-text.js',
  ],
  project: ['{src,simulator,scripts,bench,test}/**/*.{ts,js}', '*.js'],
  // Two limits may be of one size.
  exclude: ['duplicates'],
  // A type that the signatures of its own file tell is for readers.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Linux's own, for the sandbox of check:compose.
  ignoreBinaries: ['ip', 'mount', 'unshare'],
  ignoreDependencies: [
    // Named so that npm hoists one version, see CONTRIBUTING.md.
    'protobufjs',
    // Started by the path of its program.
    'jest',
  ],
};

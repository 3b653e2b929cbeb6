import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const nodeBuiltins = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

export default tseslint.config(
  { ignores: ['lib/', 'node_modules/', '.tools/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      eqeqeq: 'error',
      'object-shorthand': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    // Workflow code, with the contract and the texts that it uses, runs in Temporal's sandbox and must be deterministic:
    // nothing of Node, of activities only types.
    files: ['src/workflows/**/*.ts', 'src/contract/**/*.ts', 'src/text/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: nodeBuiltins.map((name) => ({ name, message: 'Workflow code cannot use Node built-ins.' })),
          patterns: [
            { group: ['**/activities/**'], allowTypeImports: true, message: 'Import only types of activities.' },
            {
              group: ['**/marketo/**', '**/storage/**', '**/csv/**', '**/parts/**', '**/merge/**'],
              allowTypeImports: true,
              message: 'Workflow code reaches the outside only through activities.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/cli/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/workflows/**'],
              allowTypeImports: true,
              message: 'The command line takes only types of workflows: their runtime is for the sandbox.',
            },
          ],
        },
      ],
    },
  },
  {
    // What ships must not depend on what only tests and demonstrates it.
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['**/simulator/**', '**/test/**', '**/bench/**'], message: 'src stands alone.' }] },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    // Fakes of asynchronous interfaces have nothing to wait for.
    rules: { '@typescript-eslint/unbound-method': 'off', '@typescript-eslint/require-await': 'off' },
  },
);

import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { walls } from './eslint.walls.js';

const PRIVATE = {
  selector: ':matches(PropertyDefinition, MethodDefinition) > PrivateIdentifier.key',
  message: 'Write `private`, as everywhere.',
};

export default tseslint.config(
  { ignores: ['lib/', 'node_modules/', '.tools/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { 'import-x': importX },
    settings: importX.flatConfigs.typescript.settings,
    rules: {
      eqeqeq: 'error',
      'object-shorthand': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      // Types and values of a module come by one import.
      'import-x/no-duplicates': ['error', { 'prefer-inline': true }],
      'no-restricted-syntax': ['error', PRIVATE],
    },
  },
  { files: ['**/*.ts'], ...walls },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    // Fakes of asynchronous interfaces have nothing to wait for.
    rules: { '@typescript-eslint/unbound-method': 'off', '@typescript-eslint/require-await': 'off' },
  },
);

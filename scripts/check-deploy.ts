// Checks docker-compose.yml against the Compose specification, deploy/kubernetes against Kubernetes' schemas, and docs/schemas
// against that of JSON Schema, without Docker and without a cluster.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runPythonModule } from './python-packages.js';
import { ROOT } from './root.js';
import { SCHEMAS } from './write-schemas.js';

const CHECK_JSONSCHEMA = { name: 'check-jsonschema', version: '0.39.0' } as const;
const KUBERNETES_VALIDATE = { name: 'kubernetes-validate', version: '1.37.0' } as const;

const compose = join(ROOT, 'docker-compose.yml');
const kubernetes = join(ROOT, 'deploy/kubernetes');

async function check(what: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${what} could not be checked or is wrong: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

await check('docker-compose.yml', () =>
  runPythonModule(CHECK_JSONSCHEMA, 'check_jsonschema', ['--builtin-schema', 'vendor.compose-spec', compose]),
);
await check('docs/schemas', async () => {
  const files = (await readdir(SCHEMAS)).map((name) => join(SCHEMAS, name));
  await runPythonModule(CHECK_JSONSCHEMA, 'check_jsonschema', ['--check-metaschema', ...files]);
});
await check('deploy/kubernetes', async () => {
  // A kustomization is read by kubectl itself: no schema of the API server has it.
  const files = (await readdir(kubernetes)).filter((name) => name !== 'kustomization.yaml');
  await runPythonModule(KUBERNETES_VALIDATE, 'kubernetes_validate', [
    '--strict',
    ...files.map((name) => join(kubernetes, name)),
  ]);
});

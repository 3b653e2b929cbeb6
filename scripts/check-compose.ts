// Checks docker-compose.yml against the Compose specification, without Docker.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './root.js';

const VERSION = '0.39.0';
const PACKAGES = join(ROOT, '.tools', `check-jsonschema-${VERSION}`);
const execFileAsync = promisify(execFile);

async function python(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<void> {
  try {
    await execFileAsync('python3', args, { env });
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    const hint = code === 'ENOENT' ? 'python3 is not there: install Python 3 with pip' : `${stdout}${stderr}`.trim();
    throw new Error(hint, { cause: error });
  }
}

/** Into a directory of its own: neither root rights nor the user's Python packages are touched. */
async function install(): Promise<void> {
  process.stderr.write(`fetching check-jsonschema ${VERSION} into .tools/\n`);
  await mkdir(join(ROOT, '.tools'), { recursive: true });
  const scratch = await mkdtemp(join(ROOT, '.tools', 'fetch-'));
  try {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', scratch];
    await python([...pip, `check-jsonschema==${VERSION}`]);
    await rename(scratch, PACKAGES);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

try {
  if (!existsSync(PACKAGES)) await install();
  const check = ['-m', 'check_jsonschema', '--builtin-schema', 'vendor.compose-spec', join(ROOT, 'docker-compose.yml')];
  await python(check, { ...process.env, PYTHONPATH: PACKAGES });
} catch (error) {
  process.stderr.write(`docker-compose.yml could not be checked or is wrong: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

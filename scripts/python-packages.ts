// Packages from PyPI that checks and tests need, each set in a directory of its own under .tools/.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sha256 } from '../src/bytes/sha256.js';
import { ROOT } from './root.js';

const execFileAsync = promisify(execFile);

/** A package of PyPI in one version. */
export interface Requirement {
  readonly name: string;
  readonly version: string;
}

/**
 * A directory for PYTHONPATH with these packages, which are fetched when it is first asked for: nothing but them, so each of
 * their own requirements must be among them.
 *
 * @param name of the set; another version of any package makes another directory
 * @throws Error with what pip printed
 */
export async function pythonPackages(name: string, requirements: readonly Requirement[]): Promise<string> {
  const pinned = requirements.map((requirement) => `${requirement.name}==${requirement.version}`);
  const packages = join(ROOT, '.tools', `${name}-${sha256(pinned.join('\n')).slice(0, 8)}`);
  if (!existsSync(packages)) await install(['--no-deps', '--only-binary=:all:', ...pinned], packages);
  return packages;
}

/**
 * Runs a Python module of a package from PyPI, which is fetched at its first use: neither root rights nor the user's own
 * Python packages are touched.
 *
 * @throws Error with what the module printed
 */
export async function runPythonModule(
  requirement: Requirement,
  module: string,
  args: readonly string[],
): Promise<void> {
  const packages = join(ROOT, '.tools', `${requirement.name}-${requirement.version}`);
  if (!existsSync(packages)) await install([`${requirement.name}==${requirement.version}`], packages);
  await python(['-m', module, ...args], { ...process.env, PYTHONPATH: packages });
}

async function install(what: readonly string[], packages: string): Promise<void> {
  process.stderr.write(`fetching ${what.filter((word) => !word.startsWith('-')).join(', ')} into .tools/\n`);
  await mkdir(join(ROOT, '.tools'), { recursive: true });
  const scratch = await mkdtemp(join(ROOT, '.tools', 'fetch-'));
  try {
    await python(['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', scratch, ...what]);
    await rename(scratch, packages);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function python(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<void> {
  try {
    await execFileAsync('python3', args, { env });
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    const hint = code === 'ENOENT' ? 'python3 is not there: install Python 3 with pip' : `${stdout}${stderr}`.trim();
    throw new Error(hint, { cause: error });
  }
}

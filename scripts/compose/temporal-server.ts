// Temporal's own server, of which no package registry has a binary: it is built from its Go module.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../root.js';

const execFileAsync = promisify(execFile);
const MODULE = 'go.temporal.io/server';

/**
 * The directory with `temporal-server`, `temporal-sql-tool` and the folder `schema`, under `.tools/`. The first time they are built,
 * which takes minutes and needs Go of the version that the module names.
 *
 * @throws Error with what Go printed
 */
export async function temporalServer(version: string): Promise<string> {
  const directory = join(ROOT, '.tools', `temporal-server-${version}`);
  if (existsSync(directory)) return directory;
  process.stderr.write(`building Temporal's server ${version} into .tools/, which takes some minutes\n`);
  await mkdir(join(ROOT, '.tools'), { recursive: true });
  const scratch = await mkdtemp(join(ROOT, '.tools', 'build-'));
  try {
    const go = async (...args: readonly string[]): Promise<string> =>
      (await execFileAsync('go', args, { cwd: scratch, env: { ...process.env, GOBIN: scratch } })).stdout;
    const { Dir } = JSON.parse(await go('mod', 'download', '-json', `${MODULE}@${version}`)) as { Dir: string };
    await go('install', `${MODULE}/cmd/server@${version}`, `${MODULE}/cmd/tools/sql@${version}`);
    await rename(join(scratch, 'server'), join(scratch, 'temporal-server'));
    await rename(join(scratch, 'sql'), join(scratch, 'temporal-sql-tool'));
    await cp(join(Dir, 'schema'), join(scratch, 'schema'), { recursive: true });
    await rename(scratch, directory);
    return directory;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

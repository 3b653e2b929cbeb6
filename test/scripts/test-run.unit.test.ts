import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';
import { isAlive } from '../helpers/is-alive.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';

type Scripts = Readonly<Record<string, string>>;

/** Leaves a file with its process' id as a name, and hangs. */
const HANGS = `
  test('hangs', async () => {
    require('node:fs').writeFileSync(require('node:path').join(__dirname, 'pid-' + process.pid), '');
    await new Promise((resolve) => setTimeout(resolve, 1e6));
  }, 1e6);`;

async function pidsIn(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => /^pid-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
}

describe('a test run', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('that %s ends takes the processes of its tests along', async (signal) => {
    await withTemporaryDirectory(async (directory) => {
      const config = { testEnvironment: join(ROOT, 'test/helpers/environment.js') };
      await writeFile(join(directory, 'package.json'), JSON.stringify({ jest: config }));
      for (const name of ['a', 'b']) await writeFile(join(directory, `${name}.test.js`), HANGS);
      const jest = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--rootDir', directory, '--maxWorkers', '2'];
      const flags = ['--experimental-vm-modules', ...jest, '--no-watchman'];
      const run = spawn(process.execPath, flags, { cwd: directory, stdio: 'ignore' });
      while ((await pidsIn(directory)).length < 2) {
        expect(run.exitCode).toBeNull();
        await sleep(50);
      }
      run.kill(signal);
      await once(run, 'exit');
      for (const pid of await pidsIn(directory)) while (isAlive(pid)) await sleep(20);
    });
  });
});

describe('what npm runs for long', () => {
  // npm hands a signal on to its shell; one that waits for the program would die of it alone.
  it.each(['test', 'test:unit', 'worker', 'simulator', 'demo', 'bench', 'soak'])(
    'npm run %s is the program itself, so that a signal reaches it',
    async (name) => {
      const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Record<string, Scripts>;
      expect(scripts?.[name]).toMatch(/^(?:(?!exec).)*&& exec node [^&|;]*$/);
    },
  );
});

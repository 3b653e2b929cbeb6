import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../../scripts/root.js';
import { WORKER_FLAGS, WORKER_MALLOC } from '../../src/cli/worker-process.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('a worker is run by the command that is measured', () => {
  const command = ['node', ...WORKER_FLAGS, 'lib/src/starter.js'];

  it('in the image', () => {
    const dockerfile = read('Dockerfile');
    expect(dockerfile).toContain(`ENTRYPOINT ${JSON.stringify(command).replaceAll(',', ', ')}\nCMD ["worker"]\n`);
    for (const [name, value] of Object.entries(WORKER_MALLOC)) expect(dockerfile).toContain(` ${name}=${value}`);
  });

  it('by npm', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(scripts['worker']).toContain(`&& exec ${command.join(' ')} worker`);
  });
});

describe('Node', () => {
  it('is of one version in the image, in CI beside its own, and for who works on this', () => {
    const version = read('.nvmrc').trim();
    const images = [...read('Dockerfile').matchAll(/^FROM node:(\d+)-/gm)].map(([, major]) => major);
    expect(images).toEqual([version, version]);
    expect(read('.ci/run')).toContain(`--package=node@${version} `);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { interpolate, inOrder, readComposeFile } from '../../scripts/compose/compose-file.js';
import { readImageTarget } from '../../scripts/compose/image-file.js';
import { PINNED_TOOLS } from '../../scripts/pinned-tools.js';
import { ROOT } from '../../scripts/root.js';

describe('docker-compose.yml', () => {
  // As in a fresh clone: nothing set.
  const file = readComposeFile({});
  const services = Object.entries(file.services);
  const named = (test: (service: (typeof services)[number][1]) => boolean): string[] =>
    services.filter(([, service]) => test(service)).map(([name]) => name);

  it('can be read with no variable set, so that each part can be started and stopped alone', () => {
    expect(inOrder(file, ['temporal-ui'])).toEqual([
      'postgres',
      'temporal-schema',
      'temporal',
      'temporal-namespace',
      'temporal-ui',
    ]);
    expect(inOrder(file, ['s3-bucket'])).toEqual(['s3', 's3-bucket']);
    expect(file.services['worker']?.environment).toMatchObject({ MARKETO_ENDPOINT: '', MARKETO_CLIENT_ID: '' });
  });

  it('bounds memory and logs of every service, and knows whether it is healthy', () => {
    expect(named(({ mem_limit }) => mem_limit === undefined)).toEqual([]);
    const bounded = { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } };
    for (const [, { logging }] of services) expect(logging).toEqual(bounded);
    const endless = named(({ restart }) => restart === 'unless-stopped');
    expect(named(({ healthcheck }) => healthcheck === undefined)).toEqual(
      named(({ restart }) => restart?.startsWith('on-failure') === true),
    );
    expect(endless).toContain('worker');
  });

  it('names whole versions, one of each product, and those of the tests', () => {
    const images = services.filter(([, { build }]) => build === undefined).map(([, { image }]) => image);
    expect(images.filter((image) => !/:v?\d+\.\d+(\.\d+)?$/.test(image))).toEqual([]);
    const version = (name: string): string => images.find((image) => image.startsWith(`${name}:`))?.split(':')[1] ?? '';
    expect(version('chrislusf/seaweedfs')).toBe(PINNED_TOOLS.weed.version);
    expect(version('temporalio/admin-tools')).toBe(version('temporalio/server'));
    expect(new Set(images.map((image) => image.split(':')[0])).size).toBe(new Set(images).size);
  });

  it('hands the client secret over as a file', () => {
    const values = readComposeFile({ MARKETO_CLIENT_SECRET: 'not-to-be-seen' });
    expect(JSON.stringify(values)).not.toContain('not-to-be-seen');
    expect(file.services['worker']).toMatchObject({
      environment: { MARKETO_CLIENT_SECRET_FILE: '/run/secrets/marketo-client-secret' },
      secrets: ['marketo-client-secret'],
    });
    expect(file.secrets).toEqual({ 'marketo-client-secret': { environment: 'MARKETO_CLIENT_SECRET' } });
  });
});

describe('variables of a Compose file', () => {
  it.each([
    ['$A-$B', 'x-'],
    ['${A}', 'x'],
    ['${B:-b c}', 'b c'],
    ['${A:-b}', 'x'],
    ['$${A}', '${A}'],
    ['plain', 'plain'],
  ])('%s is %s', (text, result) => {
    expect(interpolate(text, { A: 'x', EMPTY: '' })).toBe(result);
  });

  it.each(['${A:?needed}', '${A-b}', '${A', '$'])('%s is refused rather than guessed', (text) => {
    expect(() => interpolate(text, { A: 'x' })).toThrow('is not understood here');
  });
});

describe('the unit of systemd', () => {
  it('runs a worker by the command of the image, with its environment', () => {
    const unit = readFileSync(join(ROOT, 'deploy/systemd/marketo-lead-extract.service'), 'utf8');
    const { entrypoint, command, environment } = readImageTarget('worker');
    expect(unit).toContain(`\nExecStart=/usr/bin/${[...entrypoint, ...command].join(' ')}\n`);
    for (const name of ['NODE_ENV', 'MALLOC_ARENA_MAX']) expect(unit).toContain(`${name}=${environment[name] ?? ''}`);
  });
});

import { describe, expect, it } from '@jest/globals';
import { commandName } from '../../src/cli/command-name.js';

describe('hints name the program as the user called it', () => {
  it.each([
    [
      'by npm in a checkout',
      { npm_lifecycle_event: 'extract', npm_package_name: 'marketo-lead-extract' },
      'npm run -s extract --',
    ],
    ['by npx', { npm_command: 'exec', npm_lifecycle_event: 'npx' }, 'npx marketo-lead-extract'],
    ['by its name', {}, 'marketo-lead-extract'],
  ])('%s', (_how, env, name) => {
    expect(commandName({ env, program: '/usr/bin/marketo-lead-extract', directory: '/home/me' })).toBe(name);
  });

  it('by its path', () => {
    const started = { env: {}, program: '/srv/app/lib/src/starter.js', directory: '/srv/app' };
    expect(commandName(started)).toBe('node lib/src/starter.js');
  });
});

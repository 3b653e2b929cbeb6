import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/config.js';
import { readEnvironmentFiles } from '../../src/environment-files.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';

/** What is added to an environment in a directory with these files. `DIR` in a value or a text stands for the directory. */
function added(environment: Record<string, string>, files: Record<string, string>): Promise<Record<string, string>> {
  return withTemporaryDirectory(async (directory) => {
    const here = (text: string): string => text.replaceAll('DIR', directory);
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), here(text));
    const variables = Object.entries(environment).map(([name, value]) => [name, here(value)]);
    return readEnvironmentFiles(Object.fromEntries(variables) as Record<string, string>, directory);
  });
}

describe('.env of the working directory', () => {
  it('adds what the environment does not have; nothing where there is none', async () => {
    const env = 'MARKETO_CLIENT_ID=of-file # comment\nAWS_REGION="eu west"\nMARKETO_CLIENT_SECRET=a\n';
    const set = { MARKETO_CLIENT_ID: 'of-shell', MARKETO_CLIENT_SECRET: '' };
    expect(await added(set, { '.env': env })).toEqual({ AWS_REGION: 'eu west', MARKETO_CLIENT_SECRET: 'a' });
    expect(await added({}, {})).toEqual({});
  });

  it('is another file where the environment names one, which must be there', async () => {
    const files = { '.env': 'A=1', other: 'A=2' };
    expect(await added({ MARKETO_ENV_FILE: 'DIR/other' }, files)).toEqual({ A: '2' });
    await expect(added({ MARKETO_ENV_FILE: 'DIR/none' }, files)).rejects.toThrow(
      /MARKETO_ENV_FILE names .*none, which cannot be read: ENOENT/,
    );
  });

  it('that cannot be read is no silent nothing', async () => {
    await withTemporaryDirectory(async (directory) => {
      await mkdir(join(directory, '.env'));
      expect(() => readEnvironmentFiles({}, directory)).toThrow(/\.env cannot be read: EISDIR/);
    });
  });
});

describe('a secret in a file of its own', () => {
  it('is read without the line end, whether the environment or .env names the file', async () => {
    const files = { '.env': 'MARKETO_CLIENT_ID_FILE=DIR/id', id: 'my-id\n', secret: ' s3cret\r\n' };
    const variables = await added({ MARKETO_CLIENT_SECRET_FILE: 'DIR/secret' }, files);
    expect(variables).toMatchObject({ MARKETO_CLIENT_ID: 'my-id', MARKETO_CLIENT_SECRET: 's3cret' });
  });

  it('of the environment wins over .env, whichever way it is given', async () => {
    const files = { '.env': 'MARKETO_CLIENT_SECRET=old\nTEMPORAL_API_KEY_FILE=DIR/none', secret: 'new' };
    const set = { MARKETO_CLIENT_SECRET_FILE: 'DIR/secret', TEMPORAL_API_KEY: 'key' };
    expect(await added(set, files)).toEqual({ MARKETO_CLIENT_SECRET: 'new' });
  });

  it('given in both ways, or in a file that is not there, is refused: all of it at once, and no secret is shown', async () => {
    const both = {
      AWS_SECRET_ACCESS_KEY: 'hidden',
      AWS_SECRET_ACCESS_KEY_FILE: '/x',
      AWS_SESSION_TOKEN_FILE: '/none/y',
    };
    const refused = added(both, {});
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    await expect(refused).rejects.toThrow(
      /AWS_SECRET_ACCESS_KEY and AWS_SECRET_ACCESS_KEY_FILE are both set: give one\n.*AWS_SESSION_TOKEN_FILE names \/none\/y/,
    );
    await expect(refused).rejects.not.toThrow(/hidden/);
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { envText } from '../../src/cli/env-text.js';
import { problemsOf, settingsFrom } from '../../src/cli/init/settings.js';
import { withTemporaryDirectory } from '../helpers/temporary-directory.js';
import { cli } from './cli.js';

describe('.env as init writes it', () => {
  it('says what was meant, whatever is in a value', () => {
    const name = fc.stringMatching(/^[A-Z][A-Z_]{0,20}$/);
    const value = fc
      .string()
      .filter(
        (text) =>
          !/[\r\n\0]/.test(text) && !["'", text.includes('\\n') ? '' : '"', '`'].every((mark) => text.includes(mark)),
      );
    fc.assert(
      fc.property(fc.dictionary(name, value), (variables) => {
        expect({ ...parseEnv(envText(variables)) }).toEqual({ ...variables });
      }),
      // In double quotes it would be a line break.
      { examples: [[{ A: "\\n'" }]] },
    );
  });

  it('is refused where no reader would read the value back', () => {
    expect(() => envText({ A: `'"\`` })).toThrow(/all kinds of quotes/);
    expect(() => envText({ A: 'a\nb' })).toThrow(/line breaks/);
  });
});

describe('init', () => {
  it('makes variables of answers, and asks a store that is not AWS with the bucket in the path', () => {
    const options = {
      endpoint: ' https://123-ABC-456.mktorest.com ',
      s3Endpoint: 'http://127.0.0.1:1',
      temporalApiKey: '',
    };
    expect(settingsFrom(options)).toEqual({
      MARKETO_ENDPOINT: 'https://123-ABC-456.mktorest.com',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      S3_FORCE_PATH_STYLE: 'true',
    });
    expect(problemsOf(settingsFrom(options))).toHaveLength(3);
  });

  it('without a terminal writes nothing where something is missing, or where a file is there already', async () => {
    await withTemporaryDirectory(async (directory) => {
      const file = join(directory, '.env');
      const missing = await cli(['init', '--directory', directory, '--client-id', 'x']);
      expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('MARKETO_CLIENT_SECRET is missing')]);
      await expect(readFile(file)).rejects.toThrow('ENOENT');
      await writeFile(file, 'MINE=1\n');
      const there = await cli(['init', '--directory', directory]);
      expect([there.code, there.stderr]).toEqual([1, expect.stringContaining('is there already: give --force')]);
      expect(await readFile(file, 'utf8')).toBe('MINE=1\n');
    });
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addInputOptions, inputFrom, type InputOptions } from '../../src/cli/input-options.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cli-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** The input that a command line makes. */
async function inputOf(args: readonly string[], stdin = ''): Promise<unknown> {
  const command = addInputOptions(new Command().exitOverride().configureOutput({ writeErr: () => undefined }));
  command.parse(args, { from: 'user' });
  const { input } = await inputFrom(command.opts<InputOptions>(), {
    stdin: Readable.from([stdin]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env: {},
    command: 'marketo-lead-extract',
    interrupted: new AbortController().signal,
    runUntilStopped: () => Promise.reject(new Error('nothing runs here')),
    runWorker: () => Promise.reject(new Error('no worker here')),
  });
  return input;
}

const DESTINATION = ['--destination', 's3://bucket/leads.csv'];

describe('options of start', () => {
  it('leave out what is not given', async () => {
    expect(await inputOf(DESTINATION)).toEqual({ destination: 's3://bucket/leads.csv' });
  });

  it('make up every key of the input', async () => {
    const args = [
      ...DESTINATION,
      ...['--fields', 'email, createdAt', '--fields-like', 'utm_*', '--fields-like', '*Score'],
      ...['--start-at', '2020-01-01', '--end-at', '2020-12-31T00:00:00Z', '--concurrency', '2'],
      ...['--window-overlap-seconds', '1', '--poll-initial', '2 seconds', '--poll-maximum', '8 seconds'],
      ...[
        '--keep-parts',
        '--on-window-failure',
        'wait',
        '--quoting',
        'asIs',
        '--content-type',
        'text/csv',
        '--tag',
        'a=b=c',
        '--tag',
        'd=',
      ],
    ];
    expect(await inputOf(args)).toEqual({
      destination: 's3://bucket/leads.csv',
      fields: ['email', 'createdAt', 'utm_*', '*Score'],
      startAt: '2020-01-01',
      endAt: '2020-12-31T00:00:00Z',
      concurrency: 2,
      windowOverlapSeconds: 1,
      poll: { initialInterval: '2 seconds', maximumInterval: '8 seconds' },
      keepParts: true,
      onWindowFailure: 'wait',
      quoting: 'asIs',
      contentType: 'text/csv',
      tags: { a: 'b=c', d: '' },
    });
  });

  it('read field names from a file, without comments and empty lines', async () => {
    const file = join(directory, 'fields.txt');
    await writeFile(file, '# contact\nemail\r\n\n  firstName # given\n');
    const args = [...DESTINATION, '--fields', 'id', '--fields-file', file];
    expect(await inputOf(args)).toMatchObject({ fields: ['id', 'email', 'firstName'] });
  });

  it('override the keys of a whole input from a file or stdin', async () => {
    const file = join(directory, 'input.json');
    const json = JSON.stringify({ destination: 's3://bucket/a.csv', concurrency: 2, fields: ['email'] });
    await writeFile(file, json);
    expect(await inputOf(['--input', file, '--concurrency', '3'])).toEqual({
      destination: 's3://bucket/a.csv',
      concurrency: 3,
      fields: ['email'],
    });
    expect(await inputOf(['--input', '-'], json)).toMatchObject({ destination: 's3://bucket/a.csv' });
  });

  it('are refused with every mistake in one message', async () => {
    const args = ['--destination', 'nowhere', '--concurrency', 'many', '--start-at', 'once', '--tag', 'a=b'];
    const refused = inputOf([...args, '--window-overlap-seconds', '-1']);
    await expect(refused).rejects.toThrow(/destination: got "nowhere"/);
    await expect(refused).rejects.toThrow(/concurrency: got "many"/);
    await expect(refused).rejects.toThrow(/startAt: got "once"/);
    await expect(refused).rejects.toThrow(/windowOverlapSeconds: got -1/);
  });

  it.each([
    [['--input', '-'], 'not json', /The input in stdin is not JSON/],
    [['--input', '-'], '[1]', /input: got \[1\]/],
    [['--input', '-'], '{"destination":"s3://bucket/key","surprise":1}', /"surprise": not a key/],
    [['--input', '/does/not/exist'], '', /cannot be read: ENOENT/],
    [[...DESTINATION, '--fields-file', '/does/not/exist'], '', /cannot be read: ENOENT/],
    [[...DESTINATION, '--tag', 'nothing'], '', /spelled key=value/],
    [[], '', /destination: got nothing/],
  ])('%j with stdin %j says what is wrong', async (args, stdin, message) => {
    await expect(inputOf(args, stdin)).rejects.toThrow(message);
  });
});

import { describe, expect, it } from '@jest/globals';
import { cli } from './cli.js';

const COMMANDS = [
  ['init'],
  ['up'],
  ['worker'],
  ['start'],
  ['watch'],
  ['status'],
  ['pause'],
  ['resume'],
  ['cancel'],
  ['discard'],
  ['set-concurrency'],
  ['retry-window'],
  ['schedule', 'create'],
  ['schedule', 'list'],
  ['schedule', 'delete'],
  ['plan'],
  ['doctor'],
];

describe('the command line', () => {
  it('lists its commands and exit codes in --help', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    for (const [command = ''] of COMMANDS) expect(stdout).toContain(`  ${command} `);
    expect(stdout).toContain('130  detached by Ctrl-C');
  });

  it.each(COMMANDS)('explains %s %s with examples', async (...command) => {
    const { code, stdout } = await cli([...command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`$ marketo-lead-extract ${command[0] === 'start' ? '' : command.join(' ')}`);
  });

  it('suggests the command that was meant', async () => {
    const { code, stderr } = await cli(['statsu']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown command 'statsu'\n(Did you mean status?)");
  });

  it('takes options without a command for those of start, and shows the help where nothing is given', async () => {
    expect((await cli(['--destination', 'nowhere'])).stderr).toContain('destination: got "nowhere"');
    const { code, stderr } = await cli([]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('First steps:')]);
  });

  it('tells what is wrong to machines as JSON with the time, and says nothing else with --quiet', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { stderr } = await cli(['status', '--workflow-id', 'x', '--json'], { env });
    expect(JSON.parse(stderr)).toMatchObject({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      event: 'error',
      message: expect.stringContaining('Temporal cannot be reached'),
    });
  });

  it('tells its version', async () => {
    expect((await cli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['--surprise']],
    [['surprise']],
    [['start', '--tag', 'nothing', '--destination', 's3://bucket/key']],
    [['status']],
    [['pause']],
    [['set-concurrency', '11', '--workflow-id', 'x']],
    [['set-concurrency', '--workflow-id', 'x']],
    [['retry-window', '--workflow-id', 'x']],
    [['discard']],
    [['schedule']],
    [['schedule', 'create', '--destination', 's3://bucket/key']],
    [['schedule', 'create', '--cron', '@daily', '--time-zone', 'Mars/Olympus', '--destination', 's3://bucket/key']],
    [['schedule', 'create', '--cron', '@daily', '--catch-up', 'never', '--destination', 's3://bucket/key']],
    [['schedule', 'delete']],
  ])('%j is a wrong command line: exit code 2 and a sentence on stderr', async (args) => {
    const { code, stdout, stderr } = await cli(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
  });

  it('refuses a wrong input before it looks for Temporal: exit code 1, every mistake named', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { code, stdout, stderr } = await cli(['--destination', 'nowhere', '--concurrency', '99'], { env });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.split('\n')).toEqual([
      'The input is wrong:',
      '  destination: got "nowhere"; valid is an S3 URL s3://bucket/key, with a key of at most 850 bytes',
      '  concurrency: got 99; valid is a whole number from 1 to 10',
      '',
    ]);
  });

  it('says in one sentence which Temporal it cannot reach', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { code, stderr } = await cli(['status', '--workflow-id', 'x'], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Temporal cannot be reached at 127\.0\.0\.1:1: [^\n]*\n$/);
  });

  it('says which part of the configuration of Temporal is wrong', async () => {
    const env = { TEMPORAL_PROFILE: 'none-such', TEMPORAL_CONFIG_FILE: '/dev/null' };
    const { code, stderr } = await cli(['status', '--workflow-id', 'x'], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The configuration of the connection to Temporal is wrong: .*none-such/);
  });
});

import { beforeAll, describe, expect } from '@jest/globals';
import { quiet } from '../end-to-end/harness.js';
import { onAllJobs, onJob, survives, type Case } from './survives.js';

beforeAll(quiet);

/** Each of the first names is one of these, written as it stands here. */
const stray = (values: readonly [string, ...string[]], quoting: 'rfc4180' | 'asIs'): Case => ({
  name: `first names are written ${values.join(' and ')}, quoting ${quoting}`,
  options: { stray: { values, oneIn: 5 } },
  input: { quoting },
  check: (_, { mended, windows }) => {
    expect(windows.map((window) => window.mended > 0)).toEqual(windows.map(() => quoting === 'rfc4180'));
    expect(windows.reduce((sum, window) => sum + window.mended, 0)).toBe(mended);
  },
});

describe('the rows are those that Marketo wrote when files are odd', () => {
  survives([
    {
      name: 'empty lines lie inside and at the end of files',
      faults: [
        onJob(0, { kind: 'fileBlankLines', where: 'inside', lines: 1 }),
        onJob(1, { kind: 'fileBlankLines', where: 'end', lines: 3 }),
        onJob(2, { kind: 'fileBlankLines', where: 'inside', lines: 2 }),
        onJob(2, { kind: 'fileBlankLines', where: 'end', lines: 1 }),
      ],
    },
    {
      name: 'empty lines lie in files whose only column is the id',
      input: { fields: ['id'] },
      // One create checks the fields: all of them are there.
      faults: [onAllJobs({ kind: 'fileBlankLines', where: 'end', lines: 3 })],
    },
    {
      name: 'lines end with CRLF, but for the last one, under a header of 64 KiB',
      options: { extraFields: 700, leads: 60 },
      faults: [onAllJobs({ kind: 'fileCrlf' }), onAllJobs({ kind: 'fileLastLineEnd', present: false })],
      check: async (service) => {
        const text = (await service.read('out/leads.csv')).toString();
        expect(text.indexOf('\n')).toBeGreaterThan(65_536);
        expect(text.endsWith('\r\n')).toBe(true);
      },
    },
    {
      name: 'a byte order mark stands before the second file alone',
      faults: [onJob(1, { kind: 'fileBom' })],
      warns: [/begins with a byte order mark, which is left out/],
    },
    {
      name: 'a byte order mark stands before all files',
      faults: [onAllJobs({ kind: 'fileBom' })],
      warns: [/begins with a byte order mark, which is left out/],
      check: async (service) => {
        expect((await service.read('out/leads.csv')).subarray(0, 2).toString()).toBe('id');
      },
    },
    {
      name: 'a row has a column more, the first of a file and the last of another',
      faults: [onJob(0, { kind: 'fileOddRow', where: 'first' }), onJob(1, { kind: 'fileOddRow', where: 'last' })],
      warns: [/2024-01-01.*1 record with another number of columns.*the first is record 1 with/, /2024-02-01/],
    },
    stray(['"Screen 15""'], 'rfc4180'),
    stray(['"first"Name1"', '"a "b" c"', '"x"y, z"'], 'rfc4180'),
    // No one reading gives what both stand for.
    stray(['""Bob""', '"Bob" Doe'], 'asIs'),
    {
      name: 'lines of one file end with CRLF, those of the others with LF',
      faults: [onJob(1, { kind: 'fileCrlf' }), onJob(1, { kind: 'fileBlankLines', where: 'inside', lines: 2 })],
      warns: [/window 2024-02-01T00:00:00Z end with CRLF in its file/],
    },
    {
      name: 'lines of the first file end with CRLF, but for its last one, those of the others with LF',
      faults: [onJob(0, { kind: 'fileCrlf' }), onJob(0, { kind: 'fileLastLineEnd', present: false })],
      warns: [/window 2024-02-01T00:00:00Z end with LF in its file/, /window 2024-03-03T00:00:00Z end with LF/],
    },
    {
      name: 'files are called anything but text/csv',
      faults: [
        { endpoint: 'file', nth: 1, effect: { kind: 'contentType', is: 'application/octet-stream' } },
        { endpoint: 'file', nth: 2, effect: { kind: 'contentType', is: 'text/plain' } },
        { endpoint: 'file', nth: 3, effect: { kind: 'contentType', is: null } },
      ],
    },
    {
      name: 'a file is called JSON, which it is not',
      faults: [{ endpoint: 'file', nth: 1, effect: { kind: 'contentType', is: 'application/json' } }],
    },
    {
      name: 'no file tells its length, and one breaks off',
      faults: [
        { endpoint: 'file', effect: { kind: 'noContentLength' } },
        { endpoint: 'file', nth: 1, effect: { kind: 'cutAfterBytes', bytes: 9000 } },
      ],
    },
    {
      name: 'columns are in another order than was asked for',
      faults: [onAllJobs({ kind: 'fileColumns', reverse: true })],
      warns: [/not in the order that was asked for/],
      check: (_, { columns }) => {
        expect(columns.at(-1)).toMatchObject({ name: 'id' });
      },
    },
    {
      name: 'of all fields one has no column, and one comes in addition',
      faults: [onAllJobs({ kind: 'fileColumns', drop: ['site'], extra: ['extra__c'] })],
      warns: [/exports no column for site/, /not asked for: extra__c/],
      check: (_, { columns }) => {
        const names = columns.map(({ name }) => name);
        expect(names).toContain('extra__c');
        expect(names).not.toContain('site');
      },
    },
    {
      name: 'formula fields are described and silently dropped',
      options: { formulaFields: 'dropped' },
      // Nothing is refused: one create less, which made no job.
      warns: [/exports no column for Shadow__c/],
    },
    { name: 'formula fields are described and empty', options: { formulaFields: 'null' } },
  ]);
});

import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { say } from '../../src/cli/terminal.js';

function said(line: string, screen: { readonly isTTY?: boolean; readonly columns?: number }): string {
  const stdout = Object.assign(new PassThrough(), screen);
  say({ stdout }, line);
  return String(stdout.read());
}

const SENTENCE = 'Wrote .env, which only you can read: every command run here reads it.';

describe('a line for people', () => {
  it('is broken between words on a terminal', () => {
    expect(said(SENTENCE, { isTTY: true, columns: 40 })).toBe(
      'Wrote .env, which only you can read:\nevery command run here reads it.\n',
    );
  });

  it.each([
    '  marketo-lead-extract start --destination s3://bucket/leads.csv',
    '{"event":"checked","what":"all of it"}',
  ])('stays whole where it is there to be copied: %s', (line) => {
    expect(said(line, { isTTY: true, columns: 20 })).toBe(`${line}\n`);
  });

  it('stays whole in a pipe', () => {
    expect(said(SENTENCE, {})).toBe(`${SENTENCE}\n`);
  });
});

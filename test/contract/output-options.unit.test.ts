import { describe, expect, it } from '@jest/globals';
import { contentTypeProblem, tagsProblem } from '../../src/contract/output-options.js';

describe('contentTypeProblem', () => {
  it.each([
    'text/csv',
    'text/csv; charset=utf-8',
    'text/csv;charset=utf-8;header=present',
    'application/vnd.apache.parquet',
    'text/csv; name="all leads; \\"quoted\\" and more"',
    'text/csv ; charset="utf-8"',
    "application/x.a!#$&-^_.+'*`|~0",
  ])('finds nothing wrong with %s', (text) => {
    expect(contentTypeProblem(text)).toBeUndefined();
  });

  it.each([
    ['', 'is no media type'],
    ['csv', 'is no media type'],
    ['text/', 'is no media type'],
    ['text/csv;', 'is no media type'],
    ['text/csv; charset', 'is no media type'],
    ['text/csv; charset=', 'is no media type'],
    ['text/csv; name="open', 'is no media type'],
    ['text/csv; name="a"b"', 'is no media type'],
    ['text/csv, text/html', 'is no media type'],
    ['text /csv', 'is no media type'],
    ['text/csv\r\nx-amz-acl: public-read', 'has characters other than printable ASCII'],
    ['text/csv; name=リード', 'has characters other than printable ASCII'],
    ['text/csv; name="Zoë"', 'has characters other than printable ASCII'],
    ['text/csv;\tcharset=utf-8', 'has characters other than printable ASCII'],
    [`text/${'x'.repeat(251)}`, 'is longer than 255 characters'],
  ])('refuses %j', (text, problem) => {
    expect(contentTypeProblem(text)).toContain(problem);
  });

  it('answers at once to a text that is made to keep it busy', () => {
    expect(contentTypeProblem(`a/a${' ; '.repeat(80)}`)).toContain('is no media type');
    expect(contentTypeProblem(`a/a;a="${'\\"'.repeat(120)}`)).toContain('is no media type');
  });
});

describe('tagsProblem', () => {
  it.each<[Record<string, string>]>([
    [{}],
    [{ team: 'marketing operations', empty: '' }],
    [{ '+-=._:/@': '+-=._:/@', 部署: 'マーケティング 1' }],
    [{ ['k'.repeat(128)]: 'v'.repeat(256) }],
    [Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`k${index}`, '']))],
    [{ awsome: 'aws:' }],
  ])('finds nothing wrong with %j', (tags) => {
    expect(tagsProblem(tags)).toBeUndefined();
  });

  it.each<[Record<string, string>, string]>([
    [Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, ''])), 'more than 10 tags'],
    [{ '': 'v' }, 'without a key'],
    [{ ['k'.repeat(129)]: '' }, 'key of more than 128'],
    [{ k: 'v'.repeat(257) }, 'value of more than 256'],
    [{ 'aws:x': '' }, 'belongs to AWS'],
    [{ 'AwS:x': '' }, 'belongs to AWS'],
    [{ 'a&b': '' }, 'characters other than'],
    [{ k: 'a,b' }, 'characters other than'],
    [{ k: 'a\nb' }, 'characters other than'],
    [{ k: '💾' }, 'characters other than'],
    [{ k: '\ud800' }, 'characters other than'],
  ])('refuses %j', (tags, problem) => {
    expect(tagsProblem(tags)).toContain(problem);
  });

  it('counts what S3 counts, UTF-16 units', () => {
    expect(tagsProblem({ ['𠮷'.repeat(64)]: '' })).toBeUndefined();
    expect(tagsProblem({ ['𠮷'.repeat(65)]: '' })).toContain('key of more than 128');
  });
});

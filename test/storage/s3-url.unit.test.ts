import { describe, expect, it } from '@jest/globals';
import { formatS3Url, InvalidS3UrlError, MAX_KEY_BYTES, parseS3Url } from '../../src/storage/s3-url.js';

describe('parseS3Url', () => {
  it.each([
    ['s3://leads/all.csv', 'leads', 'all.csv'],
    ['s3://leads/2024/all leads.csv', 'leads', '2024/all leads.csv'],
    ['s3://leads//twice//slashed', 'leads', '/twice//slashed'],
    ['s3://leads/folder/', 'leads', 'folder/'],
    ['s3://leads/a?b#c%20d', 'leads', 'a?b#c%20d'],
    ['s3://leads/größe/東京.csv', 'leads', 'größe/東京.csv'],
    ['s3://leads/line\nend', 'leads', 'line\nend'],
  ])('reads %j, taking the key as it stands', (url, bucket, key) => {
    expect(parseS3Url(url)).toEqual({ bucket, key });
    expect(formatS3Url({ bucket, key })).toBe(url);
  });

  it.each([
    '',
    'leads/all.csv',
    's3:/leads/all.csv',
    's3://leads',
    's3://leads/',
    's3:///all.csv',
    'S3://leads/a',
    'https://leads/a',
  ])('refuses %j', (url) => {
    expect(() => parseS3Url(url)).toThrow(InvalidS3UrlError);
  });

  it('counts the bytes of a key, not its letters', () => {
    const longest = 'é'.repeat(MAX_KEY_BYTES / 2);
    expect(parseS3Url(`s3://b/${longest}`).key).toBe(longest);
    expect(() => parseS3Url(`s3://b/${longest}x`)).toThrow(`longer than ${MAX_KEY_BYTES} bytes`);
  });
});

import { describe, expect, it } from '@jest/globals';
import { manifestSchema } from '../../src/contract/manifest.js';
import { emptyWindow, manifestOf, windowOf } from '../report/samples.js';

const MANIFEST = manifestOf([windowOf(0), emptyWindow(1)], { warnings: ['Left out: Shadow__c'] });

describe('a manifest', () => {
  it('is read as it was written', () => {
    expect(manifestSchema.parse(JSON.parse(JSON.stringify(MANIFEST)))).toEqual(MANIFEST);
  });

  it.each([
    ['another version', { version: 1 }],
    ['a lead too few to be a count', { leads: -1 }],
    ['a checksum that is none', { crc32: 'unknown' }],
    ['no windows', { windows: undefined }],
    ['a window with a date that is none', { windows: [{ ...windowOf(0), verifiedAt: 'yesterday' }] }],
  ])('is refused with %s', (_, change) => {
    expect(manifestSchema.safeParse({ ...MANIFEST, ...change }).success).toBe(false);
  });
});

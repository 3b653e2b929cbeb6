import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanMessage } from '../../src/storage/clean-message.js';

describe('cleanMessage', () => {
  it.each([
    ['see https://b.example/k?X-Amz-Credential=AKIA%2F2024&X-Amz-Signature=0f', 'see https://b.example/k?<hidden>'],
    ['The key ASIAIOSFODNN7EXAMPLE is unknown', 'The key <access key id> is unknown'],
    ['AWSAccessKeyId=minio&Signature=a+b/c= is wrong', 'AWSAccessKeyId=<hidden>&Signature=<hidden> is wrong'],
    ['x-amz-security-token: FwoGZXIvYXdz, then', 'x-amz-security-token: <hidden>, then'],
    ['two\r\n  lines\u0000and\u202Emore ', 'two lines and more'],
    [
      'User: arn:aws:iam::123456789012:user/x may not s3:PutObject',
      'User: arn:aws:iam::123456789012:user/x may not s3:PutObject',
    ],
  ])('makes of %j %j', (text, clean) => {
    expect(cleanMessage(text)).toBe(clean);
  });

  it('gives one line of at most 200 characters, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 6000 }), (text) => {
        const clean = cleanMessage(text);
        expect(clean.length).toBeLessThanOrEqual(200);
        expect(clean).not.toMatch(/[\n\r\u2028\p{Cc}]/u);
      }),
    );
  });
});

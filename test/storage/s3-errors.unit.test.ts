import { S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BucketError,
  ConditionFailedError,
  describeS3Error,
  isNoSuchUpload,
  isNotFound,
  isPreconditionFailed,
  isRefused,
  S3AnswerError,
} from '../../src/storage/s3-errors.js';

function s3Error(
  name: string,
  httpStatusCode?: number,
  message = 'what S3 says',
  requestId?: string,
): S3ServiceException {
  const $metadata = {
    ...(httpStatusCode !== undefined && { httpStatusCode }),
    ...(requestId !== undefined && { requestId }),
  };
  return new S3ServiceException({ name, $fault: 'server', $metadata, message });
}

function nodeError(code: string, name = 'Error'): Error {
  return Object.assign(new Error('connect to 10.0.0.1'), { code, name });
}

describe('describeS3Error', () => {
  it.each([
    ['SlowDown', 503],
    ['InternalError', 500],
    ['ServiceUnavailable', 503],
    ['Throttled', 429],
    ['RequestTimeout', 400],
    ['RequestTimeTooSkewed', 403],
    ['OperationAborted', 409],
    ['ConditionalRequestConflict', 409],
    ['NoSuchUpload', 404],
    ['InvalidPart', 400],
    ['TemporaryRedirect', 307],
    ['InternalError', undefined],
  ])('takes %s with HTTP %s for one that passes', (name, status) => {
    expect(describeS3Error(s3Error(name, status))).toMatchObject({ code: name, retryable: true, access: false });
  });

  it.each([
    ['AccessDenied', 403],
    ['InvalidAccessKeyId', 403],
    ['SignatureDoesNotMatch', 403],
    ['ExpiredToken', 400],
    ['NoSuchBucket', 404],
    ['PermanentRedirect', 301],
    ['AuthorizationHeaderMalformed', 400],
    ['SomethingNew', 401],
    ['SomethingNew', 403],
  ])('takes %s with HTTP %d for a matter of access', (name, status) => {
    expect(describeS3Error(s3Error(name, status))).toMatchObject({ code: name, retryable: false, access: true });
  });

  it.each([
    ['EntityTooSmall', 400],
    ['BadDigest', 400],
    ['NoSuchKey', 404],
    ['PreconditionFailed', 412],
    ['PreconditionFailed', 503],
    ['BadDigest', 503],
    ['NotImplemented', 501],
    ['SomethingNew', 501],
  ])('takes %s with HTTP %d for a refusal', (name, status) => {
    expect(describeS3Error(s3Error(name, status))).toMatchObject({ code: name, retryable: false, access: false });
  });

  it.each(['Unknown', 'UnknownError'])('goes by the status where a refused HEAD has no code: %s', (name) => {
    expect(describeS3Error(s3Error(name, 403))).toMatchObject({ code: 'HTTP 403', access: true });
    expect(describeS3Error(s3Error(name, 503))).toMatchObject({ code: 'HTTP 503', retryable: true });
  });

  it.each([
    [301, true, 'HTTP 301: the bucket is in another region'],
    [400, true, 'HTTP 400: no reason is given; an expired token or a bucket of another region is answered so'],
    [403, true, 'HTTP 403: no reason is given; see the credentials and the policy of the bucket'],
    [407, true, 'HTTP 407: the proxy wants credentials'],
    [501, false, 'HTTP 501: the store does not know the request'],
  ])('says what a refusal with %d and no body may mean', (status, access, message) => {
    const described = describeS3Error(s3Error('Unknown', status, 'UnknownError'));
    expect(described).toMatchObject({ access, retryable: false, message });
  });

  it('says what S3 says on one line, without signed URLs and access keys', () => {
    const message = 'Denied\nfor AKIAIOSFODNN7EXAMPLE at https://b.s3.amazonaws.com/k?X-Amz-Signature=abc';
    expect(describeS3Error(s3Error('AccessDenied', 403, message, 'R1'))?.message).toBe(
      'AccessDenied (request R1): Denied for <access key id> at https://b.s3.amazonaws.com/k?<hidden>',
    );
  });

  it("knows an answer that lacks what it must have, and one that is not S3's", () => {
    expect(describeS3Error(new S3AnswerError('S3 answered without an upload id for k'))).toEqual({
      code: 'BadAnswer',
      retryable: true,
      access: false,
      message: 'S3 answered without an upload id for k',
    });
    expect(describeS3Error(new S3AnswerError('x', 502))).toMatchObject({ retryable: true, httpStatus: 502 });
    expect(describeS3Error(new S3AnswerError('x', 403))).toMatchObject({ retryable: false, access: true });
    expect(describeS3Error(new S3AnswerError('x', 501))).toMatchObject({ retryable: false, access: false });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN'])(
    'takes %s of the connection for one that passes, and names no address',
    (code) => {
      expect(describeS3Error(nodeError(code))).toEqual({
        code,
        retryable: true,
        access: false,
        message: expect.stringContaining(`the connection failed: ${code}`),
      });
    },
  );

  it('takes a time-out of the SDK for one that passes', () => {
    const error = Object.assign(new Error('Connection timed out'), { name: 'TimeoutError' });
    expect(describeS3Error(error)).toMatchObject({ code: 'TimeoutError', retryable: true, access: false });
  });

  it('says that there are no credentials', () => {
    const error = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    expect(describeS3Error(error)).toMatchObject({ retryable: false, access: true });
  });

  it('says that the service for credentials refuses, and nothing of the role', () => {
    const refused = (name: string, $fault: string): unknown =>
      describeS3Error(Object.assign(new Error('arn:aws:iam::123456789012:role/x may not'), { name, $fault }));
    expect(refused('AccessDenied', 'client')).toEqual({
      code: 'AccessDenied',
      retryable: false,
      access: true,
      message: 'the service that gives AWS credentials refuses: AccessDenied',
    });
    expect(refused('ServiceUnavailable', 'server')).toMatchObject({ retryable: true, access: false });
  });

  it.each(['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'EPROTO'])(
    'takes %s of the encryption for one of the connection',
    (code) => {
      expect(describeS3Error(nodeError(code))).toMatchObject({
        retryable: true,
        message: expect.stringContaining(`the connection failed: ${code}`),
      });
    },
  );

  it('says in words what is wrong with a bucket', () => {
    expect(describeS3Error(new BucketError('NoSuchBucket', 'the bucket b does not exist'))).toEqual({
      code: 'NoSuchBucket',
      retryable: false,
      access: true,
      message: 'the bucket b does not exist',
    });
  });

  it('leaves every other error alone', () => {
    const others = [
      new Error('other'),
      new TypeError('x'),
      nodeError('ENOENT'),
      nodeError('EACCES'),
      'text',
      null,
      undefined,
      {},
    ];
    for (const other of others) expect(describeS3Error(other)).toBeUndefined();
  });

  it('never calls one both passing and a matter of access, and keeps its message short, whatever S3 answers', () => {
    const name = fc.oneof(
      fc.constantFrom('AccessDenied', 'SlowDown', 'NoSuchBucket', 'Unknown', 'RequestTimeout', 'InternalError'),
      fc.string({ minLength: 1, maxLength: 40 }),
    );
    fc.assert(
      fc.property(
        name,
        fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
        fc.string({ maxLength: 2000 }),
        fc.option(fc.string({ minLength: 1, maxLength: 20 }), { nil: undefined }),
        (code, status, message, requestId) => {
          const described = describeS3Error(s3Error(code, status, message, requestId));
          expect(described).toBeDefined();
          if (!described) return;
          expect(described.retryable && described.access).toBe(false);
          expect(described.httpStatus).toBe(status);
          expect(described.requestId).toBe(requestId);
          expect(described.message.length).toBeLessThan(400);
          expect(described.message).not.toMatch(/[\n\r\t]/);
          if (status !== undefined && status >= 500 && status !== 501)
            expect(described.retryable || described.access).toBe(true);
        },
      ),
    );
  });
});

describe('telling errors apart', () => {
  it('knows an upload that is gone', () => {
    expect(isNoSuchUpload(s3Error('NoSuchUpload', 404))).toBe(true);
    expect(isNoSuchUpload(s3Error('NoSuchKey', 404))).toBe(false);
    expect(isNoSuchUpload('NoSuchUpload')).toBe(false);
  });

  it('knows an object that is not there', () => {
    expect(isNotFound(s3Error('NoSuchKey', 404))).toBe(true);
    expect(isNotFound(s3Error('NotFound', 404))).toBe(true);
    expect(isNotFound(s3Error('NoSuchBucket', 404))).toBe(false);
  });

  it('knows a condition that failed by its status', () => {
    expect(isPreconditionFailed(s3Error('PreconditionFailed', 412))).toBe(true);
    expect(isPreconditionFailed(s3Error('Unknown', 412))).toBe(true);
    expect(isPreconditionFailed(s3Error('ConditionalRequestConflict', 409))).toBe(false);
    expect(isPreconditionFailed(s3Error('PreconditionFailed', 503))).toBe(true);
    expect(isPreconditionFailed(new ConditionFailedError())).toBe(true);
    expect(isPreconditionFailed(new Error('412'))).toBe(false);
  });

  it('knows a refusal for good that has nothing to do with permissions', () => {
    for (const refused of [s3Error('NotImplemented', 501), s3Error('MissingContentMD5', 400)]) {
      expect(isRefused(refused)).toBe(true);
    }
    const others = [s3Error('SlowDown', 503), s3Error('AccessDenied', 403), nodeError('ECONNRESET'), new Error('x')];
    for (const other of others) expect(isRefused(other)).toBe(false);
  });
});

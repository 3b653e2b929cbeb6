import { S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BucketError,
  describeS3Error,
  isNoSuchUpload,
  isNotFound,
  isPreconditionFailed,
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
  ])('takes %s with HTTP %d for a refusal', (name, status) => {
    expect(describeS3Error(s3Error(name, status))).toMatchObject({ code: name, retryable: false, access: false });
  });

  it.each(['Unknown', 'UnknownError'])('goes by the status where a refused HEAD has no code: %s', (name) => {
    expect(describeS3Error(s3Error(name, 403))).toMatchObject({ code: 'HTTP 403', access: true });
    expect(describeS3Error(s3Error(name, 503))).toMatchObject({ code: 'HTTP 503', retryable: true });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN'])(
    'takes %s of the connection for one that passes, and names no address',
    (code) => {
      expect(describeS3Error(nodeError(code))).toEqual({
        code,
        retryable: true,
        access: false,
        message: `the connection failed: ${code}`,
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
          expect(described.message.length).toBeLessThan(300);
          expect(described.message).toContain(message.slice(0, 200));
          if (requestId !== undefined) expect(described.message).toContain(requestId);
          if (status !== undefined && status >= 500) expect(described.retryable || described.access).toBe(true);
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
    expect(isPreconditionFailed(new Error('412'))).toBe(false);
  });
});

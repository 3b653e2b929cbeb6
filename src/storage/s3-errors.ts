import { types } from 'node:util';
import { S3ServiceException } from '@aws-sdk/client-s3';

/** What an error of S3 says, without anything secret: no signed URL, no header. */
export interface S3ErrorDescription {
  /** S3's code, such as `SlowDown`. */
  readonly code: string;
  readonly httpStatus?: number;
  readonly requestId?: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Whether credentials, permissions or the bucket's name are wrong. */
  readonly access: boolean;
  /** For people. */
  readonly message: string;
}

const ACCESS_CODES = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'InvalidBucketName',
  'NoSuchBucket',
  'PermanentRedirect',
  'SignatureDoesNotMatch',
]);

/**
 * Codes that pass although their HTTP status is not 5xx (Amazon S3: Error responses). An upload that is gone, or whose part is
 * another one, was worked on by an attempt that was given up: the next attempt sees what became of it.
 */
const PASSING_CODES = new Set([
  'ConditionalRequestConflict',
  'InvalidPart',
  'NoSuchUpload',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'OperationAborted',
  'SlowDown',
  'TooManyRequests',
]);

/** Errors of the connection, by Node's and the SDK's names. */
const NETWORK_NAMES = new Set(['TimeoutError', 'RequestTimeout', 'NetworkingError']);
const NETWORK_CODES = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ERR_SOCKET|ERR_STREAM_PREMATURE_CLOSE)/;

/** The upload was aborted or completed, or never was. */
export function isNoSuchUpload(error: unknown): boolean {
  return error instanceof Error && error.name === 'NoSuchUpload';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey');
}

/** The object is not the one that the request was meant for, or is there although it should not be. */
export function isPreconditionFailed(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;
}

/** Describes an error that came from S3, its connection or its credentials; `undefined` for any other. */
export function describeS3Error(error: unknown): S3ErrorDescription | undefined {
  if (error instanceof BucketError) {
    return { code: error.code, retryable: false, access: true, message: error.message };
  }
  // Unlike `instanceof`, this also knows errors of Node itself where code runs in a context of its own.
  if (!types.isNativeError(error)) return undefined;
  if (error instanceof S3ServiceException) {
    const { httpStatusCode: httpStatus, requestId } = error.$metadata;
    // A refused HEAD has no body: only its status speaks.
    const code =
      error.name === 'Unknown' || error.name === 'UnknownError' ? `HTTP ${httpStatus ?? 'error'}` : error.name;
    const passing = PASSING_CODES.has(code);
    const access = !passing && (ACCESS_CODES.has(code) || httpStatus === 401 || httpStatus === 403);
    const retryable = !access && (passing || (httpStatus ?? 500) >= 500 || httpStatus === 429);
    return {
      code,
      ...(httpStatus !== undefined && { httpStatus }),
      ...(requestId !== undefined && { requestId }),
      retryable,
      access,
      message: `${code}${requestId === undefined ? '' : ` (request ${requestId})`}: ${error.message.slice(0, 200)}`,
    };
  }
  if (error instanceof ReadBrokenOffError) {
    return { code: error.code, retryable: true, access: false, message: error.message };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (error.name === 'CredentialsProviderError') {
    return { code, retryable: false, access: true, message: 'no AWS credentials were found in the environment' };
  }
  if (NETWORK_NAMES.has(error.name) || NETWORK_CODES.test(code)) {
    return { code, retryable: true, access: false, message: `the connection failed: ${code}` };
  }
  return undefined;
}

/** An object's bytes stopped coming, or were damaged on the way: what was read so far does not count. */
export class ReadBrokenOffError extends Error {
  override readonly name = 'ReadBrokenOffError';
  readonly code: string;

  constructor(key: string, cause: Error & { readonly code?: unknown }) {
    const code = typeof cause.code === 'string' ? cause.code : undefined;
    super(`reading ${key} broke off: ${code ?? cause.message}`, { cause });
    this.code = code ?? 'ReadBrokenOff';
  }
}

/** A bucket that is not there or may not be used: told in words, since a HEAD's answer has none. */
export class BucketError extends Error {
  override readonly name = 'BucketError';

  constructor(
    readonly code: 'NoSuchBucket' | 'AccessDenied',
    message: string,
  ) {
    super(message);
  }
}

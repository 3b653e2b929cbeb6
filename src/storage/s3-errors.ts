import { types } from 'node:util';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { defined } from '../contract/defined.js';
import { connectionFailure, TLS_CODES } from '../http/certificates.js';
import { PROXY_ERROR } from '../http/proxy-agents.js';
import { cleanMessage } from './clean-message.js';
import {
  ACCESS_CODES,
  ACCESS_STATUSES,
  NETWORK_CODES,
  NETWORK_NAMES,
  PASSING_CODES,
  REFUSING_CODES,
  WITHOUT_BODY,
} from './s3-codes.js';

/** What an error of S3 says, without anything secret: no signed URL, no header, no access key id. */
export interface S3ErrorDescription {
  /** S3's code, such as `SlowDown`. */
  readonly code: string;
  readonly httpStatus?: number;
  readonly requestId?: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Whether credentials, permissions or the bucket's name or region are wrong. */
  readonly access: boolean;
  /** For people: one line of less than 400 characters. */
  readonly message: string;
}

/** The upload was aborted or completed, or never was. */
export function isNoSuchUpload(error: unknown): boolean {
  return error instanceof Error && error.name === 'NoSuchUpload';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey');
}

/**
 * The object is not the one that the request was meant for, or is there although it should not be. What S3 answers where a write
 * met another one only counts here once a look at the key has shown that the condition does not hold.
 */
export function isPreconditionFailed(error: unknown): boolean {
  if (error instanceof ConditionFailedError) return true;
  if (!(error instanceof S3ServiceException)) return false;
  return error.$metadata.httpStatusCode === 412 || error.name === 'PreconditionFailed';
}

/** Another write to the same key was under way: whether the condition holds is not said. */
export function isConflict(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'ConditionalRequestConflict';
}

/** S3 says no for good, and not for want of a permission: it lacks what is asked for, or the request is wrong. */
export function isRefused(error: unknown): boolean {
  const described = describeS3Error(error);
  return described !== undefined && !described.retryable && !described.access;
}

/** Describes an error that came from S3, its connection or its credentials; `undefined` for any other. */
export function describeS3Error(error: unknown): S3ErrorDescription | undefined {
  if (error instanceof StorageError) {
    const { code, retryable, access, message, httpStatus } = error;
    return { code, ...defined({ httpStatus }), retryable, access, message };
  }
  // Unlike `instanceof`, this also knows errors of Node itself where code runs in a context of its own.
  if (!types.isNativeError(error)) return undefined;
  if (error instanceof S3ServiceException) return describeAnswer(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (error.name === 'CredentialsProviderError') {
    return { code, retryable: false, access: true, message: 'no AWS credentials were found in the environment' };
  }
  if (code.startsWith(PROXY_ERROR)) return { code, retryable: true, access: false, message: error.message };
  if (NETWORK_NAMES.has(error.name) || NETWORK_CODES.test(code) || TLS_CODES.test(code)) {
    return { code, retryable: true, access: false, message: connectionFailure(code) };
  }
  // The service that hands out credentials for a role; its message names roles and accounts.
  if ('$fault' in error) {
    const message = `the service that gives AWS credentials refuses: ${cleanMessage(error.name)}`;
    return { code, retryable: error.$fault === 'server', access: error.$fault === 'client', message };
  }
  return undefined;
}

function describeAnswer(error: S3ServiceException): S3ErrorDescription {
  const { httpStatusCode: httpStatus, requestId } = error.$metadata;
  const withoutBody = error.name === 'Unknown' || error.name === 'UnknownError';
  const code = withoutBody ? `HTTP ${httpStatus ?? 'error'}` : cleanMessage(error.name).slice(0, 64);
  const says = (withoutBody && WITHOUT_BODY[httpStatus ?? 0]) || cleanMessage(error.message);
  const passing = PASSING_CODES.has(code);
  const access = !passing && (ACCESS_CODES.has(code) || ACCESS_STATUSES.has(httpStatus ?? 0) || isMute(error));
  const refused = REFUSING_CODES.has(code) || httpStatus === 501;
  const retryable = !access && !refused && (passing || (httpStatus ?? 500) >= 500 || httpStatus === 429);
  return {
    code,
    ...defined({ httpStatus, requestId }),
    retryable,
    access,
    message: `${code}${requestId === undefined ? '' : ` (request ${cleanMessage(requestId).slice(0, 64)})`}: ${says}`,
  };

  /** HEAD refused with 301 or 400 and nothing more: region, token or signature, since the request itself is well-formed. */
  function isMute({ $metadata }: S3ServiceException): boolean {
    return withoutBody && ($metadata.httpStatusCode === 301 || $metadata.httpStatusCode === 400);
  }
}

/** An error that src/storage itself throws, and that says what it is. */
abstract class StorageError extends Error {
  abstract readonly code: string;
  readonly retryable: boolean = false;
  readonly access: boolean = false;
  readonly httpStatus?: number | undefined;
}

/** An object's bytes stopped coming, or were damaged on the way: what was read so far does not count. */
export class ReadBrokenOffError extends StorageError {
  override readonly name = 'ReadBrokenOffError';
  override readonly retryable = true;
  readonly code: string;

  constructor(key: string, cause: Error & { readonly code?: unknown }) {
    const code = typeof cause.code === 'string' ? cause.code : undefined;
    super(`reading ${key} broke off: ${code ?? cleanMessage(cause.message)}`, { cause });
    this.code = code ?? 'ReadBrokenOff';
  }
}

/** A bucket that is not there, may not be used or lies elsewhere, told in words: S3's answer may have none. */
export class BucketError extends StorageError {
  override readonly name = 'BucketError';
  override readonly access = true;

  constructor(
    readonly code: 'NoSuchBucket' | 'AccessDenied' | 'WrongRegion',
    message: string,
  ) {
    super(message);
  }
}

/** An answer that lacks what it must have, or that is not S3's at all: a gateway, a proxy or a sign-in page gave it. */
export class S3AnswerError extends StorageError {
  override readonly name = 'S3AnswerError';
  readonly code = 'BadAnswer';
  override readonly retryable: boolean;
  override readonly access: boolean;

  constructor(
    message: string,
    override readonly httpStatus?: number | undefined,
  ) {
    super(message);
    this.access = ACCESS_STATUSES.has(httpStatus ?? 0);
    this.retryable = !this.access && httpStatus !== 501;
  }
}

/** What was to be written on a condition was not, since that does not hold. */
export class ConditionFailedError extends StorageError {
  override readonly name = 'ConditionFailedError';
  readonly code = 'PreconditionFailed';

  constructor(options?: ErrorOptions) {
    super('another write got in between: the object at the key is not the one that was expected', options);
  }
}

/** The store cannot do what a run needs: nothing will mend it but another store, or a newer version of this one. */
export class StoreLacksError extends StorageError {
  override readonly name = 'StoreLacksError';
  readonly code = 'StoreLacks';

  /** @param lacks one sentence each */
  constructor(readonly lacks: readonly string[]) {
    super(`the store cannot do what a run needs: ${lacks.join('; ')}`);
  }
}

/** What S3 must tell in an answer. @throws S3AnswerError where it does not */
export function told<T>(value: T | undefined, what: string, key: string): T {
  if (value === undefined) throw new S3AnswerError(`S3 answered without ${what} for ${key}`);
  return value;
}

/** A request that failed, and the region that it was sent to. */
interface FailedRequest {
  readonly operation: string;
  readonly bucket: string;
  readonly region: string;
}

/** An error of the SDK, or the one of our own that says more: a bucket of another region, an answer that is not S3's. */
export function ownError(error: unknown, { operation, bucket, region }: FailedRequest): unknown {
  // The SDK counts its tries on every error; only what was an answer has a status.
  const status = types.isNativeError(error) && '$metadata' in error ? statusOf(error.$metadata) : undefined;
  if (status === undefined) return error;
  if (!(error instanceof S3ServiceException)) {
    // Another service's: the one that gives the credentials.
    if (types.isNativeError(error) && '$fault' in error) return error;
    return new S3AnswerError(
      `the answer to ${operation} is none of S3 (HTTP ${status}): see the endpoint and what lies before it`,
      status,
    );
  }
  const elsewhere = status === 301 || status === 400 ? bucketRegion(error) : undefined;
  if (elsewhere === undefined || elsewhere === region) return error;
  return new BucketError('WrongRegion', `the bucket ${bucket} is in ${elsewhere}: set AWS_REGION=${elsewhere}`);
}

function statusOf(metadata: unknown): number | undefined {
  const { httpStatusCode } = metadata as S3ServiceException['$metadata'];
  return httpStatusCode;
}

/** The region that S3 says a bucket is in, by header or in words (Amazon S3: Error responses). */
function bucketRegion(error: S3ServiceException): string | undefined {
  const inBody = 'Region' in error ? error.Region : undefined;
  const found: unknown = error.$response?.headers['x-amz-bucket-region'] ?? inBody;
  return typeof found === 'string' && /^[a-z0-9-]{1,40}$/.test(found) ? found : undefined;
}

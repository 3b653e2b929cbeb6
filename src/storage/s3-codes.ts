/** Codes of wrong credentials, permissions, names and regions of buckets (Amazon S3: Error responses). */
export const ACCESS_CODES = new Set([
  'AccessDenied',
  'AccountProblem',
  'AllAccessDisabled',
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'ExpiredToken',
  'IllegalLocationConstraintException',
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
export const PASSING_CODES = new Set([
  'ConditionalRequestConflict',
  'InvalidPart',
  'NoSuchUpload',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'OperationAborted',
  'SlowDown',
  'TemporaryRedirect',
  'TooManyRequests',
]);

/**
 * Codes that do not pass although the SDK gives them a 5xx: S3 may begin its answer to a completion with 200 and end it with an
 * error, which the SDK tells as 503.
 */
export const REFUSING_CODES = new Set([
  'BadDigest',
  'EntityTooSmall',
  'InvalidArgument',
  'InvalidPartOrder',
  'InvalidRequest',
  'MalformedXML',
  'MethodNotAllowed',
  'NotImplemented',
  'PreconditionFailed',
]);

/** What a refusal without a body may mean, by HTTP status: HEAD is answered so. */
export const WITHOUT_BODY: Readonly<Record<number, string>> = {
  301: 'the bucket is in another region',
  400: 'no reason is given; an expired token or a bucket of another region is answered so',
  401: 'no reason is given; see the credentials',
  403: 'no reason is given; see the credentials and the policy of the bucket',
  404: 'there is no such object or bucket',
  407: 'the proxy wants credentials',
  412: 'the object is another one',
  501: 'the store does not know the request',
};

/** HTTP statuses of those who may not: refused by S3, or by a proxy on the way. */
export const ACCESS_STATUSES = new Set([401, 403, 407]);

/** Errors of the connection, by Node's and the SDK's names. */
export const NETWORK_NAMES = new Set(['TimeoutError', 'RequestTimeout', 'NetworkingError']);
export const NETWORK_CODES =
  /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ERR_SOCKET|ERR_STREAM_PREMATURE_CLOSE)/;

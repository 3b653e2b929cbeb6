import got, { RequestError, TimeoutError, type Got, type Response } from 'got';
import { MarketoError, NETWORK } from './marketo-errors.js';

/** Milliseconds that a whole call may take, in got's terms: for all but the download of a file. */
export const CALL_TIMEOUT = { request: 60_000 } as const;

/** For each of the connection and its encryption. */
const CONNECT_MILLISECONDS = 10_000;

/**
 * One HTTP client for an origin. It retries nothing and throws on no status: what an answer means is decided from its status,
 * content type and body together, and retries are made where they can be seen.
 */
export function createHttp(origin: string): Got {
  return got.extend({
    prefixUrl: origin,
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    timeout: { connect: CONNECT_MILLISECONDS, secureConnect: CONNECT_MILLISECONDS },
    headers: { 'user-agent': 'marketo-lead-extract', accept: 'application/json' },
  });
}

/** Failures before there is a connection: nothing was sent. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const NOT_SENT_TIMEOUTS = new Set(['lookup', 'connect', 'secureConnect']);

/**
 * What to throw for a request without an answer: the reason of the abort if it was aborted, else a MarketoError. Got's own
 * error holds the request with its headers and is dropped here, not kept as a cause.
 */
export function networkError(error: unknown, endpoint: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (!(error instanceof RequestError)) return error;
  const during = error instanceof TimeoutError ? ` during ${error.event}` : '';
  return new MarketoError(NETWORK, {
    endpoint,
    detail: `the connection failed: ${error.code}${during}`,
    outcomeUnknown: !NOT_SENT.has(error.code) && !(error instanceof TimeoutError && NOT_SENT_TIMEOUTS.has(error.event)),
  });
}

/** The error of an HTTP status other than 200 and 206, or `undefined` where the status is fine. */
export function statusError(
  { statusCode, headers }: Pick<Response, 'statusCode' | 'headers'>,
  endpoint: string,
): MarketoError | undefined {
  if (statusCode === 200 || statusCode === 206) return undefined;
  const retryAfterSeconds = parseRetryAfter(headers['retry-after'], Date.now());
  return new MarketoError(`HTTP ${statusCode}`, { endpoint, retryAfterSeconds });
}

/**
 * Seconds of a `Retry-After` header, given as seconds or as a date (RFC 9110, 10.2.3); at most an hour. `undefined` if there
 * is none that can be read.
 */
export function parseRetryAfter(header: string | undefined, nowMilliseconds: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - nowMilliseconds) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), 3600);
}

/** A body as JSON. @throws MarketoError naming what came instead */
export function parseJson(body: string, endpoint: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw MarketoError.invalidBody(endpoint, `the answer is ${kindOf(body)} instead of JSON`);
  }
}

function kindOf(body: string): string {
  const start = body.trimStart();
  if (start === '') return 'empty';
  if (start.startsWith('<')) return 'HTML';
  return /^[{[]/.test(start) ? `cut or broken JSON of ${body.length} characters` : 'plain text';
}

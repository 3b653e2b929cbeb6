import got, { RequestError, type Got, type Response } from 'got';
import { cleanText, MarketoError, NETWORK } from './errors.js';

/** Adobe suggests no time-out for REST calls; asset calls may take up to 300 s there, which no folder listing does. */
const CALL_MILLISECONDS = 60_000;
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
    timeout: { request: CALL_MILLISECONDS, connect: CONNECT_MILLISECONDS, secureConnect: CONNECT_MILLISECONDS },
    headers: { 'user-agent': 'marketo-lead-extract', accept: 'application/json' },
  });
}

/**
 * The error of a request without an answer. Got's own error holds the request with its headers and is dropped here, not kept
 * as a cause.
 */
export function networkError(error: unknown, endpoint: string): unknown {
  if (!(error instanceof RequestError)) return error;
  return new MarketoError(NETWORK, { endpoint, detail: `the connection failed: ${error.code}`, outcomeUnknown: true });
}

/** The error of an HTTP status other than 200 and 206, or `undefined` where the status is fine. */
export function statusError(
  response: Pick<Response, 'statusCode' | 'headers'>,
  endpoint: string,
): MarketoError | undefined {
  const { statusCode } = response;
  if (statusCode === 200 || statusCode === 206) return undefined;
  return new MarketoError(`HTTP ${statusCode}`, {
    endpoint,
    retryAfterSeconds: retryAfter(response.headers['retry-after']),
    outcomeUnknown: statusCode >= 500,
  });
}

/** Seconds of a `Retry-After` header, given as seconds or as a date (RFC 9110); at most an hour. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 3600) : undefined;
}

/** A body as JSON. @throws MarketoError naming what came instead */
export function parseJson(body: string, endpoint: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw MarketoError.invalidBody(endpoint, `the answer is no JSON but ${body.length} characters of ${kindOf(body)}`);
  }
}

function kindOf(body: string): string {
  if (body.trim() === '') return 'nothing';
  return body.trimStart().startsWith('<') ? 'HTML' : cleanText(body.trimStart().startsWith('{') ? 'cut JSON' : 'text');
}

import got, { RequestError, TimeoutError, type Got, type OptionsInit, type Request, type Response } from 'got';
import { connectionFailure } from '../http/certificates.js';
import { createProxyAgents, PROXY_ERROR, type ProxyAgents } from '../http/proxy-agents.js';
import type { ProxyEnvironment } from '../http/proxy-environment.js';
import { MarketoError, NETWORK } from './marketo-errors.js';

/** Longest time of a whole call, where its endpoint names none: leads may take 30 s (Adobe: Leads), connecting 20 s. */
const CALL_SECONDS = 60;

/** Longest answer of the API once unpacked, files excepted. A page of leads or jobs is some hundred kilobytes. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** For each of the connection and its encryption. */
const CONNECT_MILLISECONDS = 10_000;

/** Kept connections are closed after so much idleness, as by Node's own agent: firewalls forget them without a word. */
const IDLE_MILLISECONDS = 5_000;

/** HTTP to one origin, over connections that are kept, or over one of its own for each request. */
export interface Http {
  readonly kept: Got;
  readonly fresh: Got;
}

/**
 * HTTP clients for an origin, through the proxy that the environment names. They retry nothing and throw on no status: what
 * an answer means is decided from its status, content type and body together, and retries are made where they can be seen.
 */
export function createHttp(origin: string, env: ProxyEnvironment = process.env): Http {
  const client = (agent: ProxyAgents): Got =>
    got.extend({
      prefixUrl: origin,
      agent,
      retry: { limit: 0 },
      throwHttpErrors: false,
      followRedirect: false,
      timeout: { connect: CONNECT_MILLISECONDS, secureConnect: CONNECT_MILLISECONDS },
      headers: { 'user-agent': 'marketo-lead-extract', accept: 'application/json' },
    });
  return {
    kept: client(createProxyAgents({ keepAlive: true, timeout: IDLE_MILLISECONDS }, env)),
    fresh: client(createProxyAgents({ keepAlive: false }, env)),
  };
}

/** A request whose answer is short. */
export interface Exchange {
  /** For errors. */
  readonly endpoint: string;
  readonly path: string;
  readonly options: OptionsInit;
  /** False for a request that must not be sent twice. */
  readonly repeatable: boolean;
  /** @default 60 */
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request and reads its answer to the end.
 *
 * A server may close a kept connection just when a request goes out on it; the request is then reset before any byte of an
 * answer, and nobody knows whether it was acted upon. It is sent again at once, on a new connection, where that does no harm
 * (RFC 9110, 9.2.2: a client retries by itself only what is idempotent). What is not repeatable never goes out on a kept
 * connection: there this cannot happen to it, and a reset leaves its outcome open.
 *
 * @throws MarketoError without an answer, with one of 16 MiB or more, or with a status that is not 200; what an abort throws
 */
export async function exchange(http: Http, request: Exchange): Promise<string> {
  const { endpoint, signal, repeatable } = request;
  try {
    return await sendOnce(repeatable ? http.kept : http.fresh, request);
  } catch (error) {
    if (!repeatable || signal?.aborted === true || !isStaleConnection(error))
      throw networkError(error, endpoint, signal);
  }
  try {
    return await sendOnce(http.fresh, request);
  } catch (error) {
    throw networkError(error, endpoint, signal);
  }
}

async function sendOnce(client: Got, { endpoint, path, options, timeoutSeconds, signal }: Exchange): Promise<string> {
  const stream = client.stream(path, {
    ...options,
    isStream: true,
    timeout: { request: (timeoutSeconds ?? CALL_SECONDS) * 1000 },
    // A POST without a body would be waited for otherwise.
    ...(options.method === 'POST' && options.json === undefined && { body: '' }),
    ...(signal && { signal }),
  });
  try {
    const response = await responseOf(stream);
    const failed = statusError(response, endpoint);
    if (failed) throw failed;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) throw MarketoError.unexpectedShape(endpoint, 'the answer is longer than 16 MiB');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** The answer's head. Rejects with what got says where there is none. */
export function responseOf(stream: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    stream.once('response', resolve);
    // Stays on after the response: an error that comes before the body is read must not be an uncaught one. Reading meets it.
    stream.on('error', reject);
  });
}

const RESETS = new Set(['ECONNRESET', 'EPIPE']);

function isStaleConnection(error: unknown): boolean {
  if (!(error instanceof RequestError) || !RESETS.has(error.code)) return false;
  return error.response === undefined && error.request?.reusedSocket === true;
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
  const { code } = error;
  const byProxy = code.startsWith(PROXY_ERROR);
  const detail = byProxy ? error.message : connectionFailure(`${code}${during}`);
  const notSent =
    byProxy || NOT_SENT.has(code) || (error instanceof TimeoutError && NOT_SENT_TIMEOUTS.has(error.event));
  return new MarketoError(NETWORK, { endpoint, detail, outcomeUnknown: !notSent });
}

/** The error of an HTTP status other than 200 and 206, or `undefined` where the status is fine. */
export function statusError(
  { statusCode, headers }: Pick<Response, 'statusCode' | 'headers'>,
  endpoint: string,
): MarketoError | undefined {
  if (statusCode === 200 || statusCode === 206) return undefined;
  const retryAfterSeconds = parseRetryAfter(headers['retry-after'], Date.now());
  const target = statusCode >= 300 && statusCode < 400 ? headers.location : undefined;
  // Only the host: what is in the path and query of a redirect is nobody's business.
  const detail = target === undefined ? '' : `MARKETO_ENDPOINT redirects to ${hostOf(target)}`;
  return new MarketoError(`HTTP ${statusCode}`, { endpoint, retryAfterSeconds, detail });
}

function hostOf(location: string): string {
  return /^(?:https?:)?\/\//i.test(location) && URL.canParse(location, 'https://-')
    ? new URL(location, 'https://-').host
    : 'another path';
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

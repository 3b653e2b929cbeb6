import type { Got } from 'got';
import { z } from 'zod';
import { Authentication } from './authentication.js';
import { classifyErrors } from './classify.js';
import { counted, type OnCall } from './counted.js';
import { MarketoError } from './marketo-errors.js';
import { CALL_TIMEOUT, createHttp, networkError, parseJson, statusError } from './http.js';

export interface MarketoOptions {
  /** URL of the instance; only its origin counts, so that `/rest` and slashes after it do no harm. */
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** For metrics. */
  readonly onCall?: OnCall;
}

/** A call to an endpoint of the API. */
export interface Call {
  /** Short name for errors, logs and metrics, such as `create`. */
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  /** Without a leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly json?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Codes are strings (Adobe: Error Codes), but numbers are taken too; a code of another kind is one that nobody knows. */
const errorSchema = z.looseObject({
  code: z.union([z.string().min(1), z.number().transform(String)]).catch('unknown'),
  message: z.string().catch(''),
});

const envelopeSchema = z.looseObject({
  success: z.boolean(),
  requestId: z.string().optional().catch(undefined),
  errors: z.array(errorSchema).catch([]),
});

/** What a call gives: what its schema promises, and Marketo's id of the request. */
export type Answer<T extends z.ZodType> = z.output<T> & { readonly requestId?: string };

/** The instance's API: authenticates, sends, and tells answers from errors, which come with HTTP 200 (Adobe: Error Codes). */
export class MarketoClient {
  /** Host of the instance in lower case, such as `123-abc-456.mktorest.com`. */
  readonly instanceHost: string;
  private readonly http: Got;
  private readonly authentication: Authentication;

  constructor(private readonly options: MarketoOptions) {
    const { origin, host } = new URL(options.endpoint);
    this.instanceHost = host;
    this.http = createHttp(origin);
    this.authentication = new Authentication(this.http, options);
  }

  /**
   * Makes a call and checks its answer against a schema. A refused token is replaced once.
   *
   * @throws MarketoError
   */
  async call<T extends z.ZodType>(call: Call, schema: T): Promise<Answer<T>> {
    return this.withToken(call.endpoint, call.signal, async (token) => {
      const response = await this.http(call.path, {
        method: call.method,
        timeout: CALL_TIMEOUT,
        headers: { authorization: `Bearer ${token}` },
        ...(call.query && { searchParams: call.query }),
        ...(call.json !== undefined && { json: call.json }),
        ...(call.signal && { signal: call.signal }),
      }).catch((error: unknown) => {
        throw networkError(error, call.endpoint, call.signal);
      });
      const failed = statusError(response, call.endpoint);
      if (failed) throw failed;
      return readAnswer(response.body, call.endpoint, schema);
    });
  }

  /**
   * Runs a request with a token, and once more with another one if Marketo refuses it: 600 to 602 count whatever the clock
   * says, and so does a HTTP 401, which is not documented here.
   *
   * @throws MarketoError; a token refused twice is `retryBounded`, since other calls may be replacing it at the same time
   */
  async withToken<R>(
    endpoint: string,
    signal: AbortSignal | undefined,
    request: (token: string, http: Got) => Promise<R>,
  ): Promise<R> {
    const token = await this.authentication.accessToken(signal);
    try {
      return await counted(this.options.onCall, endpoint, () => request(token, this.http));
    } catch (error) {
      if (!isRefusedToken(error)) throw error;
    }
    const fresh = await this.authentication.replace(token, signal);
    try {
      return await counted(this.options.onCall, endpoint, () => request(fresh, this.http));
    } catch (error) {
      if (!(error instanceof MarketoError) || error.action !== 'refreshToken') throw error;
      throw new MarketoError(error.code, { endpoint, requestId: error.requestId, action: 'retryBounded' });
    }
  }
}

function isRefusedToken(error: unknown): boolean {
  return error instanceof MarketoError && (error.action === 'refreshToken' || error.code === 'HTTP 401');
}

/**
 * Reads an answer: its envelope first, then what the endpoint promises.
 *
 * @throws MarketoError naming endpoint, request id and the places that are wrong, never their values
 */
export function readAnswer<T extends z.ZodType>(body: string, endpoint: string, schema: T): Answer<T> {
  const json = parseJson(body, endpoint);
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) throw MarketoError.invalidBody(endpoint, 'the answer has no success flag');
  const { success, errors, requestId } = envelope.data;
  if (!success) throw classifyErrors(errors, endpoint, requestId);
  const answer = schema.safeParse(json);
  if (!answer.success) {
    const places = answer.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw MarketoError.invalidBody(endpoint, `the answer is wrong at ${places.join('; ')}`, requestId);
  }
  return { ...(answer.data as object), ...(requestId !== undefined && { requestId }) } as Answer<T>;
}

export function createMarketoClient(options: MarketoOptions): MarketoClient {
  return new MarketoClient(options);
}

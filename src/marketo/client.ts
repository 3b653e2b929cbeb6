import type { Got, Method } from 'got';
import { z } from 'zod';
import { Authentication } from './authentication.js';
import { errorOfAnswer, MarketoError } from './errors.js';
import { createHttp, networkError, parseJson, statusError } from './http.js';

export interface MarketoOptions {
  /** Origin of the instance, with or without `/rest`. */
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Told of each call that was answered or failed: `ok` or the code of the error. For metrics. */
  readonly onCall?: (endpoint: string, code: string) => void;
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

const errorsSchema = z
  .array(z.looseObject({ code: z.coerce.string(), message: z.string().catch('') }))
  .catch([])
  .default([]);

const envelopeSchema = z.looseObject({
  success: z.boolean(),
  requestId: z.string().optional().catch(undefined),
  errors: errorsSchema,
});

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
  async call<T extends z.ZodType>(call: Call, schema: T): Promise<z.infer<T> & { readonly requestId?: string }> {
    return this.withToken(call.endpoint, call.signal, async (token) => {
      const response = await this.http(call.path, {
        method: call.method as Method,
        headers: { authorization: `Bearer ${token}` },
        ...(call.query && { searchParams: call.query }),
        ...(call.json !== undefined && { json: call.json }),
        ...(call.signal && { signal: call.signal }),
      }).catch((error: unknown) => {
        throw networkError(error, call.endpoint);
      });
      const failed = statusError(response, call.endpoint);
      if (failed) throw failed;
      return readAnswer(response.body, call.endpoint, schema);
    });
  }

  /** Runs a request with a token, once more with another one if Marketo refuses it: 601 and 602 count whatever the clock says. */
  async withToken<R>(
    endpoint: string,
    signal: AbortSignal | undefined,
    request: (token: string, http: Got) => Promise<R>,
  ): Promise<R> {
    const token = await this.authentication.accessToken(signal);
    try {
      return await this.counted(endpoint, () => request(token, this.http));
    } catch (error) {
      if (!(error instanceof MarketoError) || error.action !== 'refreshToken') throw error;
    }
    const fresh = await this.authentication.replace(token, signal);
    try {
      return await this.counted(endpoint, () => request(fresh, this.http));
    } catch (error) {
      if (!(error instanceof MarketoError) || error.action !== 'refreshToken') throw error;
      // Refused again: other calls may be replacing it as well. It passes, or it does not within a day.
      throw new MarketoError(error.code, { endpoint, requestId: error.requestId, action: 'retryBounded' });
    }
  }

  private async counted<R>(endpoint: string, request: () => Promise<R>): Promise<R> {
    try {
      const result = await request();
      this.options.onCall?.(endpoint, 'ok');
      return result;
    } catch (error) {
      this.options.onCall?.(endpoint, error instanceof MarketoError ? error.code : 'error');
      throw error;
    }
  }
}

/**
 * Reads an answer: its envelope first, then what the endpoint promises.
 *
 * @throws MarketoError naming endpoint, request id and the places that are wrong, never their values
 */
export function readAnswer<T extends z.ZodType>(
  body: string,
  endpoint: string,
  schema: T,
): z.infer<T> & { readonly requestId?: string } {
  const json = parseJson(body, endpoint);
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) throw MarketoError.invalidBody(endpoint, 'the answer has no success flag');
  const { success, errors, requestId } = envelope.data;
  if (!success) throw errorOfAnswer(errors, endpoint, requestId);
  const answer = schema.safeParse(json);
  if (!answer.success) {
    const places = answer.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw MarketoError.invalidBody(endpoint, `the answer is wrong at ${places.join('; ')}`, requestId);
  }
  return { ...(answer.data as object), ...(requestId !== undefined && { requestId }) } as z.infer<T> & {
    readonly requestId?: string;
  };
}

export function createMarketoClient(options: MarketoOptions): MarketoClient {
  return new MarketoClient(options);
}

import { z } from 'zod';
import { defined } from '../contract/defined.js';
import type { ProxyEnvironment } from '../http/proxy-environment.js';
import { Authentication } from './authentication.js';
import { classifyErrors } from './classify.js';
import { counted, type OnCall } from './counted.js';
import { MarketoError } from './marketo-errors.js';
import { createHttp, exchange, parseJson, type Http } from './http.js';
import { Patience } from './patience.js';
import { shownText } from './tolerant.js';

export interface MarketoOptions {
  /** URL of the instance; only its origin counts, so that `/rest` and slashes after it do no harm. */
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Names the proxies. @default process.env */
  readonly env?: ProxyEnvironment;
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
  /** False for a request that must not be sent twice. @default true */
  readonly repeatable?: false;
  /** Longest time of the whole call. @default 60 */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Codes are strings (Adobe: Error Codes), but numbers are taken too; a code of another kind is one that nobody knows. */
const errorSchema = z.looseObject({
  code: z.union([z.string().min(1), z.number().transform(String)]).catch('unknown'),
  message: z.string().catch(''),
});

const envelopeSchema = z.looseObject({
  success: z.boolean(),
  requestId: shownText,
  errors: z.array(errorSchema).catch([]),
});

/** What a call gives: what its schema promises, and Marketo's id of the request. */
export type Answer<T extends z.ZodType> = z.output<T> & { readonly requestId?: string };

/** The instance's API: authenticates, sends, and tells answers from errors, which come with HTTP 200 (Adobe: Error Codes). */
export class MarketoClient {
  /** Host of the instance in lower case, such as `123-abc-456.mktorest.com`. */
  readonly instanceHost: string;
  /** False for what can only be a simulator or a tunnel: Marketo itself is reached by https alone. */
  readonly isEncrypted: boolean;
  private readonly http: Http;
  private readonly patience = new Patience();
  private readonly authentication: Authentication;

  constructor(private readonly options: MarketoOptions) {
    const { origin, host, protocol } = new URL(options.endpoint);
    this.instanceHost = host;
    this.isEncrypted = protocol === 'https:';
    this.http = createHttp(origin, options.env);
    this.authentication = new Authentication(this.http, options);
  }

  /**
   * Sees that the credentials are good: asks for a token, the one that the calls use, where none is at hand. No call of the
   * API is spent.
   *
   * @throws MarketoError
   */
  async authenticate(signal?: AbortSignal): Promise<void> {
    await this.authentication.accessToken(signal);
    this.patience.answered();
  }

  /**
   * Makes a call and checks its answer against a schema. A refused token is replaced once.
   *
   * @throws MarketoError
   */
  async call<T extends z.ZodType>(call: Call, schema: T): Promise<Answer<T>> {
    const { endpoint, path, method, query, json, repeatable = true, timeoutSeconds, signal } = call;
    return this.withToken(endpoint, signal, async (token, http) => {
      const options = {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...defined({ searchParams: query, json }),
      };
      return readAnswer(
        await exchange(http, { endpoint, path, options, repeatable, timeoutSeconds, signal }),
        endpoint,
        schema,
      );
    });
  }

  /**
   * Runs a request with a token, and once more with another one if Marketo refuses it: 600 to 602 count whatever the clock
   * says, and so does a HTTP 401, which is not documented here.
   *
   * @throws MarketoError; a token refused twice is `retryBounded`, since other calls may be replacing it at the same time,
   * and so is for some minutes a HTTP 401 of a client whose calls were answered before
   */
  async withToken<R>(
    endpoint: string,
    signal: AbortSignal | undefined,
    request: (token: string, http: Http) => Promise<R>,
  ): Promise<R> {
    try {
      const result = await this.withFreshToken(endpoint, signal, request);
      this.patience.answered();
      return result;
    } catch (error) {
      throw this.patience.with(error);
    }
  }

  private async withFreshToken<R>(
    endpoint: string,
    signal: AbortSignal | undefined,
    request: (token: string, http: Http) => Promise<R>,
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
  if (!envelope.success) throw MarketoError.unexpectedShape(endpoint, 'the answer has no success flag');
  const { success, errors, requestId } = envelope.data;
  if (!success) throw classifyErrors(errors, endpoint, requestId);
  const answer = schema.safeParse(json);
  if (!answer.success) {
    const places = answer.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw MarketoError.unexpectedShape(endpoint, `the answer is wrong at ${places.join('; ')}`, requestId);
  }
  return { ...(answer.data as object), ...defined({ requestId }) } as Answer<T>;
}

export function createMarketoClient(options: MarketoOptions): MarketoClient {
  return new MarketoClient(options);
}

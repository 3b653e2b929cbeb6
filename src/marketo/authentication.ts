import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { abortable } from '../promises/abortable.js';
import { counted, type OnCall } from './counted.js';
import { IDENTITY, MarketoError } from './marketo-errors.js';
import { exchange, parseJson, type Http } from './http.js';
import { wholeNumber } from './tolerant.js';

const tokenSchema = z.object({
  // It goes into a header.
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: wholeNumber,
});
const oauthErrorSchema = z.object({ error: z.string() });

/** A token with less life than this left, handed out again after it was refused, is waited out. */
const LITTLE_LIFE_SECONDS = 60;

/** Clocks differ and life is told in whole seconds: so much longer is waited. */
const MARGIN_SECONDS = 1;

interface Token {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * The access token of one custom service (client id), shared by all calls of this process. Marketo hands out the same token
 * until it expires (Adobe: Authentication): asking early gains nothing, so it is used to its end, and what Marketo refuses
 * is asked for anew whatever the clock says.
 */
export class Authentication {
  private token: Token | undefined;
  private asking: Promise<Token> | undefined;

  constructor(
    private readonly http: Http,
    private readonly options: { readonly clientId: string; readonly clientSecret: string; readonly onCall?: OnCall },
  ) {}

  /** @throws MarketoError if Marketo refuses the credentials or does not answer; what an abort throws */
  async accessToken(signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    if (!this.token || this.token.expiresAt <= Date.now()) this.token = await abortable(this.ask(), signal);
    return this.token.value;
  }

  /**
   * A token other than one that Marketo refused. If it hands out the same one again, its little life is waited out, for a
   * minute at most; one with much life left is returned to be tried again.
   *
   * @throws as {@link accessToken}
   */
  async replace(refused: string, signal?: AbortSignal): Promise<string> {
    // Another call has replaced it meanwhile.
    if (this.token && this.token.value !== refused) return this.token.value;
    let token = await abortable(this.ask(), signal);
    const lifeSeconds = Math.max(0, (token.expiresAt - Date.now()) / 1000);
    if (token.value === refused && lifeSeconds <= LITTLE_LIFE_SECONDS) {
      await sleep((lifeSeconds + MARGIN_SECONDS) * 1000, undefined, signal ? { signal } : {});
      token = await abortable(this.ask(), signal);
    }
    this.token = token;
    return token.value;
  }

  /** Calls that need a token at the same time ask for it once. */
  private ask(): Promise<Token> {
    this.asking ??= counted(this.options.onCall, IDENTITY, () => this.request()).finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /**
   * Adobe documents the credentials in the query, for GET and POST alike; a form in the body, which would stay out of access
   * logs, is not documented. The URL is seen by nobody between here and Marketo, and by no error or log of ours.
   */
  private async request(): Promise<Token> {
    const askedAt = Date.now();
    const { clientId, clientSecret } = this.options;
    const searchParams = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const text = await exchange(this.http, {
      endpoint: IDENTITY,
      path: 'identity/oauth/token',
      options: { method: 'GET', searchParams },
      repeatable: true,
    });
    const body = parseJson(text, IDENTITY);
    // Some refusals come with status 200. Their description may hold the client id and is not shown.
    if (oauthErrorSchema.safeParse(body).success) throw new MarketoError('HTTP 401', { endpoint: IDENTITY });
    const token = tokenSchema.safeParse(body);
    if (!token.success) {
      const places = token.error.issues.map(({ path }) => path.join('.')).join(', ');
      throw MarketoError.unexpectedShape(IDENTITY, `the answer is wrong at ${places || 'its top'}`);
    }
    return { value: token.data.access_token, expiresAt: askedAt + token.data.expires_in * 1000 };
  }
}

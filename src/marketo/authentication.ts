import { setTimeout as sleep } from 'node:timers/promises';
import type { Got } from 'got';
import { z } from 'zod';
import { MarketoError } from './errors.js';
import { networkError, parseJson, statusError } from './http.js';

const ENDPOINT = 'identity';

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number() });
const oauthErrorSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** A token with less life than this left, handed out again after it was refused, is waited out. */
const LITTLE_LIFE_SECONDS = 60;

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
    private readonly http: Got,
    private readonly credentials: { readonly clientId: string; readonly clientSecret: string },
  ) {}

  /** @throws MarketoError if Marketo refuses the credentials or does not answer */
  async accessToken(signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    if (!this.token || this.token.expiresAt <= Date.now()) this.token = await this.ask();
    return this.token.value;
  }

  /**
   * A token other than one that Marketo refused. If it hands out the same one again, its little life is waited out; one with
   * much life left is tried once more.
   */
  async replace(refused: string, signal?: AbortSignal): Promise<string> {
    if (this.token && this.token.value !== refused) return this.token.value;
    let token = await this.ask();
    const lifeSeconds = (token.expiresAt - Date.now()) / 1000;
    if (token.value === refused && lifeSeconds <= LITTLE_LIFE_SECONDS) {
      await sleep(Math.max(0, lifeSeconds) * 1000 + 1000, undefined, signal ? { signal } : {});
      token = await this.ask();
    }
    this.token = token;
    return token.value;
  }

  /** Calls that need a token at the same time ask for it once. */
  private ask(): Promise<Token> {
    this.asking ??= this.request().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** The documented form has the credentials in the query of a GET (Adobe: Authentication); over https only the two ends see it. */
  private async request(): Promise<Token> {
    const askedAt = Date.now();
    const response = await this.http
      .get('identity/oauth/token', {
        searchParams: {
          grant_type: 'client_credentials',
          client_id: this.credentials.clientId,
          client_secret: this.credentials.clientSecret,
        },
      })
      .catch((error: unknown) => {
        throw networkError(error, ENDPOINT);
      });
    const failed = statusError(response, ENDPOINT);
    if (failed) throw failed;
    const body = parseJson(response.body, ENDPOINT);
    if (oauthErrorSchema.safeParse(body).success) throw new MarketoError('HTTP 401', { endpoint: ENDPOINT });
    const token = tokenSchema.safeParse(body);
    if (!token.success) {
      throw MarketoError.invalidBody(
        ENDPOINT,
        `wrong: ${token.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
      );
    }
    return { value: token.data.access_token, expiresAt: askedAt + token.data.expires_in * 1000 };
  }
}

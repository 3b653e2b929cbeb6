import { randomUUID } from 'node:crypto';

/** The access token of a custom service of the instance: the same one until it expires (Adobe: Authentication). */
export class Identity {
  private token: { value: string; expiresAt: number } | undefined;
  private readonly refused = new Set<string>();

  constructor(
    readonly credentials: { readonly clientId: string; readonly clientSecret: string },
    private readonly lifeSeconds: number,
  ) {}

  /** The token and the seconds that it has left. */
  issue(): { access_token: string; token_type: string; expires_in: number; scope: string } {
    if (!this.token || this.token.expiresAt <= Date.now()) {
      this.token = { value: `${randomUUID()}:int`, expiresAt: Date.now() + this.lifeSeconds * 1000 };
    }
    return {
      access_token: this.token.value,
      token_type: 'bearer',
      expires_in: Math.max(0, Math.ceil((this.token.expiresAt - Date.now()) / 1000)),
      scope: 'api@simulator.example',
    };
  }

  /** Whether a token is or was this service's own. */
  knows(token: string): boolean {
    return token === this.token?.value || this.refused.has(token);
  }

  /** The error of a token, or `undefined` for a good one. */
  check(token: string): { code: string; message: string } | undefined {
    if (this.refused.has(token)) return { code: '602', message: 'Access token expired' };
    if (token !== this.token?.value) return { code: '601', message: 'Access token invalid' };
    return this.token.expiresAt <= Date.now() ? { code: '602', message: 'Access token expired' } : undefined;
  }

  /** Refuses the present token; a new one is issued from now on. */
  expire(): void {
    if (this.token) this.refused.add(this.token.value);
    this.token = undefined;
  }

  /** Refuses the present token while identity hands it out for so long still. */
  letDie(secondsLeft: number): void {
    if (!this.token) return;
    this.refused.add(this.token.value);
    this.token.expiresAt = Date.now() + secondsLeft * 1000;
  }
}

import { MarketoError } from './marketo-errors.js';

/** How long a HTTP 401 is borne once calls were answered: gateways are known to send one in passing. */
const PATIENCE_MILLISECONDS = 10 * 60 * 1000;

/** Tells a HTTP 401 that comes in the middle of a client's work from one that says that its credentials are wrong. */
export class Patience {
  private wasAnswered = false;
  private refusedSince: number | undefined;

  /** A call was answered: the credentials are right. */
  answered(): void {
    this.wasAnswered = true;
    this.refusedSince = undefined;
  }

  /** The same error, but to be borne if it is a 401 that may pass. */
  with(error: unknown): unknown {
    if (!(error instanceof MarketoError) || error.code !== 'HTTP 401' || !this.wasAnswered) return error;
    this.refusedSince ??= Date.now();
    if (Date.now() - this.refusedSince >= PATIENCE_MILLISECONDS) return error;
    const { endpoint, requestId } = error;
    const detail = 'Client id or client secret refused, though they were accepted before';
    return new MarketoError(error.code, { endpoint, requestId, detail, action: 'retryBounded' });
  }
}

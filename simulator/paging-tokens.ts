import { randomBytes } from 'node:crypto';
import { ApiError } from './answers.js';
import type { SimulatedClock } from './clock.js';

/** Paging tokens of activities: what they stand for is known here alone. */
export class PagingTokens {
  private readonly issued = new Map<string, { readonly after: number; readonly at: number }>();

  /** @param lifeSeconds life of a token in simulated seconds; asked each time */
  constructor(
    private readonly clock: SimulatedClock,
    private readonly lifeSeconds: () => number,
  ) {}

  /** A token for what comes after an event. In real ones there are `=`, which are to be encoded. */
  issue(after: number): string {
    const token = `${randomBytes(30).toString('hex').toUpperCase()}====`;
    this.issued.set(token, { after, at: this.clock.now() });
    return token;
  }

  /**
   * Number of the event that a token stands behind.
   *
   * @throws ApiError 1003 for one that was not handed out, or too long ago: what Marketo answers is not documented
   */
  read(token: string): number {
    const found = this.issued.get(token);
    if (!found || this.clock.now() - found.at > this.lifeSeconds() * 1000)
      throw new ApiError('1003', 'Invalid nextPageToken');
    return found.after;
  }
}

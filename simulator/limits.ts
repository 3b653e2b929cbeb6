/** Calls in 20 seconds, and calls under way at once, of all integrations (Adobe: Integration Best Practices). */
const RATE = 100;
const RATE_MILLISECONDS = 20_000;
const CONCURRENT = 10;

/** Rate limit and concurrency limit, in real time. */
export class Limits {
  private calls: number[] = [];
  private underWay = 0;

  /** Counts a call; returns the error that it meets. */
  enter(): { code: string; message: string } | undefined {
    const now = Date.now();
    this.calls = this.calls.filter((at) => now - at < RATE_MILLISECONDS);
    if (this.underWay >= CONCURRENT) return { code: '615', message: 'Concurrent access limit reached' };
    if (this.calls.length >= RATE)
      return { code: '606', message: `Max rate limit '${RATE}' exceeded with in '20' secs` };
    this.calls.push(now);
    this.underWay++;
    return undefined;
  }

  leave(): void {
    this.underWay--;
  }
}

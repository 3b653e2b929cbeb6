import { centralDay, type SimulatedClock } from './clock.js';

/** Calls in 20 seconds, and calls under way at once, of all integrations (Adobe: Integration Best Practices). */
const RATE = 100;
const RATE_MILLISECONDS = 20_000;
const CONCURRENT = 10;

/** Rate limit and concurrency limit, in real time, and the calls of a day, in simulated time. */
export class Limits {
  private calls: number[] = [];
  private underWay = 0;
  private today = { day: '', calls: 0 };

  /** @param dailyCalls calls in a day of US Central time; asked each time */
  constructor(
    private readonly clock: SimulatedClock,
    private readonly dailyCalls: () => number,
  ) {}

  /** Counts a call; returns the error that it meets. */
  enter(): { code: string; message: string } | undefined {
    const now = Date.now();
    this.calls = this.calls.filter((at) => now - at < RATE_MILLISECONDS);
    if (this.underWay >= CONCURRENT) return { code: '615', message: 'Concurrent access limit reached' };
    if (this.calls.length >= RATE)
      return { code: '606', message: `Max rate limit '${RATE}' exceeded with in '20' secs` };
    const day = centralDay(this.clock.now());
    if (this.today.day !== day) this.today = { day, calls: 0 };
    if (this.today.calls >= this.dailyCalls()) return { code: '607', message: 'Daily quota reached' };
    this.today.calls++;
    this.calls.push(now);
    this.underWay++;
    return undefined;
  }

  leave(): void {
    this.underWay--;
  }
}

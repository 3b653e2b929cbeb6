/** Time that passes faster than it does by a factor. Job life, status, quota days and retention follow it. */
export class SimulatedClock {
  private origin = Date.now();
  private readonly start: number;
  private jumped = 0;
  /** Seconds by which the instance's own dates are wrong; nothing but what it tells follows it. */
  skewSeconds = 0;

  /** @param start milliseconds since 1970; now unless given */
  constructor(
    private readonly speed: number,
    start = Date.now(),
  ) {
    this.start = start;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.start + (Date.now() - this.origin) * this.speed + this.jumped;
  }

  /** A time of the instance as it tells of it: `2020-01-17T20:10:43Z`, off by the skew. */
  tell(milliseconds: number): string {
    return isoSeconds(milliseconds + this.skewSeconds * 1000);
  }

  /** Lets time leap ahead. */
  jump(milliseconds: number): void {
    this.jumped += milliseconds;
  }
}

const CENTRAL_DAY = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Chicago', dateStyle: 'short' });

/** The day in US Central time that a moment belongs to: quotas are counted by it (Adobe: Bulk Extract, Limits). */
export function centralDay(milliseconds: number): string {
  return CENTRAL_DAY.format(milliseconds);
}

/** `2020-01-17T20:10:43Z` */
export function isoSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

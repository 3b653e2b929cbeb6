import type { IncomingMessage } from 'node:http';
import type { SimulatedClock } from './clock.js';
import type { Endpoint } from './faults.js';
import type { Job } from './jobs.js';

export interface CallRecord {
  readonly number: number;
  /** Simulated time, milliseconds since 1970. */
  readonly at: number;
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly exportId?: string;
  readonly range?: string;
  /** `ok`, an error's code, or `fault`; absent while the call is under way. */
  outcome?: string;
}

/** What was called, and what broke the good manners that Adobe asks for. */
export class CallLog {
  readonly records: CallRecord[] = [];
  readonly violations: string[] = [];

  constructor(
    private readonly clock: SimulatedClock,
    private readonly print: boolean,
  ) {}

  begin(
    endpoint: Endpoint,
    request: IncomingMessage,
    _url: URL,
    exportId: string | undefined,
  ): { end: (outcome: string) => void } {
    const record: CallRecord = {
      number: this.records.length + 1,
      at: this.clock.now(),
      endpoint,
      method: request.method ?? '',
      ...(exportId !== undefined && { exportId }),
      ...(request.headers.range !== undefined && { range: request.headers.range }),
    };
    this.records.push(record);
    return {
      end: (outcome) => {
        record.outcome = outcome;
        if (this.print) process.stderr.write(`${JSON.stringify(record)}\n`);
      },
    };
  }

  violation(what: string): void {
    this.violations.push(what);
  }

  /** A status asked for more than once a minute tells nothing new (Adobe: Bulk Extract, Polling). */
  statusCall(job: Job | undefined): void {
    const last = job?.statusCalls.at(-1);
    if (last !== undefined && this.clock.now() - last < 60_000)
      this.violation(`status of ${job?.exportId ?? ''} asked again within a minute`);
  }

  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { endpoint, outcome } of this.records) {
      const key = `${endpoint} ${outcome ?? 'under way'}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }
}

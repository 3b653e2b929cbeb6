import type { S3Client } from '@aws-sdk/client-s3';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../src/contract/activities.js';

const DAY = 86_400_000;

/**
 * One clock for all: the dates of this process, that is of the activities and of the simulated instance, follow the clock of a
 * time-skipping server. They are set anew before each attempt of an activity, and run on by themselves in between. Without such a
 * server they leap when they are told to.
 */
export class ServerClock {
  /** Called on each new day before anything else of it happens. */
  onDay: () => Promise<void> = () => Promise.resolve();
  private readonly own = globalThis.Date;
  private readonly signers: S3Client[] = [];
  private ahead = 0;
  private day = this.today();

  private constructor(private readonly env?: TestWorkflowEnvironment) {}

  static install(env?: TestWorkflowEnvironment): ServerClock {
    const clock = new ServerClock(env);
    const now = (): number => clock.own.now() + clock.ahead;
    globalThis.Date = new Proxy(clock.own, {
      construct: (target, args: unknown[], newTarget) =>
        Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
      get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
    });
    return clock;
  }

  /** Lets a client sign by the machine's clock, which is that of the S3 server. */
  spare(client: S3Client): void {
    this.signers.push(client);
  }

  /** The activities, each of whose attempts begins when the server says. */
  wrap(activities: Activities): Activities {
    const wrapped = Object.entries(activities).map(([name, activity]) => [
      name,
      async (args: never): Promise<unknown> => {
        await this.follow();
        return (activity as (args: never) => Promise<unknown>)(args);
      },
    ]);
    return Object.fromEntries(wrapped) as Activities;
  }

  uninstall(): void {
    globalThis.Date = this.own;
  }

  leap(milliseconds: number): void {
    this.ahead += milliseconds;
    for (const { config } of this.signers) config.systemClockOffset = -this.ahead;
  }

  private async follow(): Promise<void> {
    if (!this.env) return;
    const ahead = (await this.env.currentTimeMs()) - this.own.now();
    // Dates never go back, whatever order attempts begin in.
    if (ahead > this.ahead) this.leap(ahead - this.ahead);
    if (this.today() === this.day) return;
    this.day = this.today();
    await this.onDay();
  }

  private today(): number {
    return Math.floor((this.own.now() + this.ahead) / DAY);
  }
}

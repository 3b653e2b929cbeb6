import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { centralDay } from '../../simulator/clock.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import type { ExtractResult } from '../../src/contract/result.js';
import type { extractLeads } from '../../src/workflows/index.js';
import { Service } from './harness.js';
import { Lifecycle } from './lifecycle.js';
import { ServerClock } from './server-clock.js';

/**
 * A service in which weeks pass in a minute: the real workflows and activities over the time-skipping server, a real S3 and the
 * simulated instance, all by the server's clock, and the lifecycle rules once a day. What that server lacks is heartbeat
 * details: a retry of an activity does not know what the one before remembered.
 */
export class Weeks {
  /** Days that have begun, on each of which the rules were applied. */
  daysBegun = 0;
  /** Called on each new day. */
  onDay: () => void = () => undefined;

  private constructor(
    readonly service: Service,
    readonly rules: Lifecycle,
    private readonly env: TestWorkflowEnvironment,
    private readonly clock: ServerClock,
  ) {}

  static async start(options: Partial<SimulatorOptions>): Promise<Weeks> {
    const path = process.env['TEMPORAL_TEST_SERVER'];
    if (path === undefined) throw new Error('TEMPORAL_TEST_SERVER must name the time-skipping test server');
    const env = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    });
    const clock = ServerClock.install(env);
    const service = await Service.start(options, env, clock);
    const rules = await Lifecycle.read(service.s3, service.bucket);
    const weeks = new Weeks(service, rules, env, clock);
    clock.onDay = async () => {
      weeks.daysBegun++;
      await rules.apply(Date.now());
      weeks.onDay();
    };
    return weeks;
  }

  /**
   * What a run came to. The server's own client lets time pass until there is a result; between two tasks, the server then leaps
   * to whatever is next, be it a time limit ten years ahead. Sleeps of an hour, one after the other, bound such leaps.
   */
  async resultOf(started: ReturnType<Service['start']>): Promise<ExtractResult> {
    const { workflowId, firstExecutionRunId } = await started;
    const { workflow } = new Client({ connection: this.env.connection });
    const ended = new AbortController();
    const result = workflow
      .getHandle<typeof extractLeads>(workflowId, firstExecutionRunId)
      .result()
      .finally(() => {
        ended.abort();
      });
    // Handled below, but only once the last sleep is over.
    result.catch(() => undefined);
    while (!ended.signal.aborted) await this.env.sleep('1 hour');
    return result;
  }

  /** Days that the last run took. */
  async days(): Promise<number> {
    const handle = this.env.client.workflow.getHandle(this.service.lastWorkflowId ?? '');
    const { startTime, closeTime } = await handle.describe();
    return ((closeTime?.getTime() ?? NaN) - startTime.getTime()) / 86_400_000;
  }

  /** Sizes of the files with leads that the instance made, by day of its quota. */
  filesOfDays(): number[][] {
    const days = new Map<string, number[]>();
    for (const { finishedAt, facts } of this.service.simulator.jobs.all) {
      if (finishedAt === undefined || !facts?.records) continue;
      const day = centralDay(finishedAt);
      days.set(day, [...(days.get(day) ?? []), facts.bytes]);
    }
    return [...days.values()];
  }

  async stop(): Promise<void> {
    try {
      await this.service.stop();
    } finally {
      this.clock.uninstall();
    }
  }
}

import { ScheduleAlreadyRunning, ScheduleNotFoundError, type ScheduleSummary } from '@temporalio/client';
import { EXTRACT_LEADS } from '../../contract/names.js';
import { moment } from '../../text/format.js';
import type { extractLeads } from '../../workflows/index.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import { inputFrom, type InputOptions } from '../input-options.js';
import { defaultWorkflowId, type TaskQueueOptions } from '../run-options.js';
import { withTemporal } from '../temporal.js';
import { say, type Terminal } from '../terminal.js';

export interface CreateOptions extends InputOptions, TaskQueueOptions {
  readonly cron: string;
  readonly timeZone: string;
  /** Milliseconds. */
  readonly catchUp: number;
  readonly scheduleId?: string;
}

export interface DeleteOptions {
  readonly scheduleId?: string;
  readonly destination?: string;
}

/** Has runs started at set times by Temporal itself. */
export async function createSchedule(options: CreateOptions, terminal: Terminal): Promise<ExitCode> {
  const { input } = await inputFrom(options, terminal);
  const scheduleId = options.scheduleId ?? defaultWorkflowId(input.destination);
  const { cron, timeZone } = options;
  return withTemporal(terminal, async ({ client, call }) => {
    try {
      await call(() =>
        client.schedule.create<typeof extractLeads>({
          scheduleId,
          spec: { cronExpressions: [cron], timezone: timeZone },
          action: {
            type: 'startWorkflow',
            workflowType: EXTRACT_LEADS,
            workflowId: scheduleId,
            taskQueue: options.taskQueue,
            args: [input],
          },
          policies: { overlap: 'SKIP', catchupWindow: options.catchUp },
          memo: { cron, timeZone, destination: input.destination },
        }),
      );
    } catch (error) {
      // What the server finds wrong with a schedule, the SDK throws as a TypeError.
      if (error instanceof TypeError) throw new CommandError(`Temporal refuses the schedule: ${error.message}`);
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      throw new CommandError(
        `There is a schedule "${scheduleId}" already: delete it first, or give another --schedule-id.`,
      );
    }
    const { info } = await call(() => client.schedule.getHandle(scheduleId).describe());
    say(terminal, `Created schedule "${scheduleId}". ${nextRun(info.nextActionTimes)}`);
    return EXIT.done;
  });
}

/** Lists the schedules that start extracts. */
export async function listSchedules(terminal: Terminal): Promise<ExitCode> {
  return withTemporal(terminal, async ({ client, call }) => {
    const schedules = await call(async () => {
      const own: ScheduleSummary[] = [];
      for await (const one of client.schedule.list()) if (one.action?.workflowType === EXTRACT_LEADS) own.push(one);
      return own;
    });
    if (schedules.length === 0) say(terminal, 'There is no schedule that starts extracts.');
    for (const { scheduleId, memo, state, info } of schedules) {
      const when = [memo?.['cron'], memo?.['timeZone']].filter((text) => typeof text === 'string').join(' ');
      const next = state.paused ? 'paused' : nextRun(info.nextActionTimes);
      say(terminal, `${scheduleId}\n  ${[when, next].filter((text) => text !== '').join(' · ')}`);
    }
    return EXIT.done;
  });
}

/** Deletes a schedule. */
export async function deleteSchedule(
  { scheduleId, destination }: DeleteOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const id = scheduleId ?? (destination === undefined ? undefined : defaultWorkflowId(destination));
  if (id === undefined)
    throw new CommandError('Which schedule? Give --schedule-id, or the --destination of its runs.', EXIT.usage);
  return withTemporal(terminal, async ({ client, call }) => {
    try {
      await call(() => client.schedule.getHandle(id).delete());
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw new CommandError(`There is no schedule "${id}". See schedule list.`);
    }
    say(terminal, `Deleted schedule "${id}". A run that it has started goes on.`);
    return EXIT.done;
  });
}

function nextRun([next]: readonly Date[]): string {
  return next ? `Next run at ${moment(next.toISOString())}` : 'No run is due any more.';
}

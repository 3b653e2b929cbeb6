import { ScheduleAlreadyRunning, ScheduleNotFoundError, type ScheduleSummary } from '@temporalio/client';
import { EXTRACT_LEADS } from '../../contract/names.js';
import { oneLine } from '../../text/clean.js';
import { moment } from '../../text/format.js';
import type { extractLeads } from '../../workflows/index.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import { inputFrom, type InputOptions } from '../input-options.js';
import { runSummary } from '../../text/mode.js';
import { defaultWorkflowId } from '../../runs/workflow-id.js';
import type { OutputOptions, TaskQueueOptions } from '../run-options.js';
import { withTemporal } from '../temporal.js';
import { answer, type Terminal } from '../terminal.js';

export interface CreateOptions extends InputOptions, TaskQueueOptions, OutputOptions {
  readonly cron: string;
  readonly timeZone: string;
  /** Milliseconds. */
  readonly catchUp: number;
  readonly scheduleId?: string;
}

export interface DeleteOptions extends OutputOptions {
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
            staticSummary: runSummary(input),
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
    const lines = [`Created schedule "${scheduleId}". ${nextRun(info.nextActionTimes)}`];
    answer(terminal, options, { name: 'scheduled', what: { scheduleId, nextRunAt: info.nextActionTimes[0] }, lines });
    return EXIT.done;
  });
}

/** Lists the schedules that start extracts. */
export async function listSchedules(options: OutputOptions, terminal: Terminal): Promise<ExitCode> {
  return withTemporal(terminal, async ({ client, call }) => {
    const schedules = await call(async () => {
      const own: ScheduleSummary[] = [];
      for await (const one of client.schedule.list()) if (one.action?.workflowType === EXTRACT_LEADS) own.push(one);
      return own;
    });
    const lines = schedules.length === 0 ? ['There is no schedule that starts extracts.'] : schedules.flatMap(describe);
    const what = schedules.map(({ scheduleId, memo, state, info }) => ({
      scheduleId,
      ...memo,
      paused: state.paused,
      nextRunAt: info.nextActionTimes[0],
      lastRuns: info.recentActions.map(({ takenAt, action }) => ({ startedAt: takenAt, ...action.workflow })),
    }));
    answer(terminal, options, { name: 'schedules', what: { schedules: what }, lines });
    return EXIT.done;
  });
}

/** Deletes a schedule. */
export async function deleteSchedule(options: DeleteOptions, terminal: Terminal): Promise<ExitCode> {
  const { scheduleId, destination } = options;
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
    const lines = [`Deleted schedule "${id}". A run that it has started goes on.`];
    answer(terminal, options, { name: 'unscheduled', what: { scheduleId: id }, lines });
    return EXIT.done;
  });
}

/** What a schedule writes, when, and its last run by the id that other commands take. */
function describe({ scheduleId, memo, state, info }: ScheduleSummary): string[] {
  const text = (value: unknown): string => (typeof value === 'string' ? oneLine(value) : '');
  const when = [memo?.['cron'], memo?.['timeZone']].map(text).join(' ').trim();
  const next = state.paused ? 'paused' : nextRun(info.nextActionTimes);
  const last = info.recentActions.at(-1);
  const destination = text(memo?.['destination']);
  return [
    scheduleId,
    ...(destination === '' ? [] : [`  ${destination}`]),
    `  ${[when, next].filter((part) => part !== '').join(' · ')}`,
    ...(last ? [`  Last run at ${moment(last.takenAt.toISOString())}: ${last.action.workflow.workflowId}`] : []),
  ];
}

function nextRun([next]: readonly Date[]): string {
  return next ? `Next run at ${moment(next.toISOString())}` : 'No run is due any more.';
}

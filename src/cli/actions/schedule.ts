import { ScheduleAlreadyRunning, ScheduleNotFoundError, type ScheduleSummary } from '@temporalio/client';
import { defined } from '../../contract/defined.js';
import type { ExtractInput } from '../../contract/input.js';
import { EXTRACT_LEADS, FULL_SUFFIX } from '../../contract/names.js';
import { oneLine } from '../../text/clean.js';
import { moment } from '../../text/format.js';
import type { extractLeads } from '../../workflows/index.js';
import { CommandError, EXIT, type ExitCode } from '../exit.js';
import { inputFrom, type InputOptions } from '../input-options.js';
import { runSummary } from '../../text/mode.js';
import { defaultWorkflowId } from '../../runs/workflow-id.js';
import type { OutputOptions, TaskQueueOptions } from '../run-options.js';
import { withTemporal, type Temporal } from '../temporal.js';
import { answer, type Terminal } from '../terminal.js';

export interface CreateOptions extends InputOptions, TaskQueueOptions, OutputOptions {
  readonly cron: string;
  /** When to start full runs beside the updates. */
  readonly fullCron?: string;
  readonly timeZone: string;
  /** Milliseconds. */
  readonly catchUp: number;
  readonly scheduleId?: string;
}

export interface DeleteOptions extends OutputOptions {
  readonly scheduleId?: string;
  readonly destination?: string;
}

/** What is started when, under which id. */
interface Firing {
  readonly scheduleId: string;
  readonly cron: string;
  readonly input: ExtractInput;
}

/** Has runs started at set times by Temporal itself: of one schedule, or of updates and of the full runs that go with them. */
export async function createSchedule(options: CreateOptions, terminal: Terminal): Promise<ExitCode> {
  const { input } = await inputFrom(options, terminal);
  const scheduleId = options.scheduleId ?? defaultWorkflowId(input.destination);
  const { cron, fullCron } = options;
  if (fullCron !== undefined && input.mode !== 'update')
    throw new CommandError('--full-cron goes with --mode update: every other run is a full one.', EXIT.usage);
  const firings: Firing[] = [{ scheduleId, cron, input }];
  if (fullCron !== undefined)
    firings.push({ scheduleId: scheduleId + FULL_SUFFIX, cron: fullCron, input: { ...input, mode: 'full' } });
  return withTemporal(terminal, async (temporal) => {
    const created: { readonly scheduleId: string; readonly nextRunAt: Date | undefined }[] = [];
    try {
      for (const firing of firings) created.push(await create(temporal, options, firing));
    } catch (error) {
      // Half of a pair is none.
      for (const half of created) await temporal.client.schedule.getHandle(half.scheduleId).delete();
      throw error;
    }
    const lines = created.map((one) => `Created schedule "${one.scheduleId}". ${nextRun([one.nextRunAt])}`);
    const [first, full] = created;
    answer(terminal, options, { name: 'scheduled', what: { ...first, ...defined({ full }) }, lines });
    return EXIT.done;
  });
}

/** @throws CommandError where Temporal refuses it, or has one of that id */
async function create(
  { client, call }: Temporal,
  { taskQueue, timeZone, catchUp }: CreateOptions,
  { scheduleId, cron, input }: Firing,
): Promise<{ readonly scheduleId: string; readonly nextRunAt: Date | undefined }> {
  try {
    await call(() =>
      client.schedule.create<typeof extractLeads>({
        scheduleId,
        spec: { cronExpressions: [cron], timezone: timeZone },
        action: {
          type: 'startWorkflow',
          workflowType: EXTRACT_LEADS,
          workflowId: scheduleId,
          taskQueue,
          args: [input],
          staticSummary: runSummary(input),
        },
        policies: { overlap: 'SKIP', catchupWindow: catchUp },
        memo: { cron, timeZone, destination: input.destination, mode: input.mode ?? 'full' },
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
  return { scheduleId, nextRunAt: info.nextActionTimes[0] };
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
    const remove = async (which: string): Promise<boolean> => {
      try {
        await call(() => client.schedule.getHandle(which).delete());
        return true;
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return false;
        throw error;
      }
    };
    if (!(await remove(id))) throw new CommandError(`There is no schedule "${id}". See schedule list.`);
    const deleted = [id, ...((await remove(id + FULL_SUFFIX)) ? [id + FULL_SUFFIX] : [])];
    const lines = deleted.map((which) => `Deleted schedule "${which}". A run that it has started goes on.`);
    answer(terminal, options, { name: 'unscheduled', what: { scheduleId: id, deleted }, lines });
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
    ...(destination === ''
      ? []
      : [`  ${[destination, text(memo?.['mode'])].filter((part) => part !== '').join(' · ')}`]),
    `  ${[when, next].filter((part) => part !== '').join(' · ')}`,
    ...(last ? [`  Last run at ${moment(last.takenAt.toISOString())}: ${last.action.workflow.workflowId}`] : []),
  ];
}

function nextRun([next]: readonly (Date | undefined)[]): string {
  return next ? `Next run at ${moment(next.toISOString())}` : 'No run is due any more.';
}
